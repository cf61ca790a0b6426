import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/core/limits.js';
import type { InstanceState } from '../../src/core/state.js';
import { checkSize } from './core-invariants.js';

const LARGE = 'x'.repeat(LIMITS.stateBytes + 5000);
const stateOf = (parts: object): InstanceState =>
  ({ closed_at: null, variables: {}, events: [], ...parts }) as unknown as InstanceState;

describe('the size of a state', () => {
  it('does not count the audit events, which have no limit in the core', () => {
    checkSize(stateOf({}), stateOf({ events: [{ seq: 1, data: LARGE }] }));
  });

  it('counts whatever else is in it, until it has closed', () => {
    const large = { variables: { x: LARGE } };
    expect(() => checkSize(stateOf({}), stateOf(large))).toThrow('size of the state');
    expect(() => checkSize(stateOf({ events: [LARGE] }), stateOf(large))).toThrow('size of the state');
    checkSize(stateOf(large), stateOf(large));
    checkSize(stateOf({}), stateOf({ ...large, closed_at: 1 }));
  });
});
