import { describe, expect, it } from 'vitest';
import { describeEvent } from '../../../../examples/repository-audit/demo/describe-audit.js';
import type { HistoryEvent } from '../../../../src/core/shapes.js';

const event = (over: Partial<HistoryEvent>): HistoryEvent =>
  ({ seq: 1, event_type: 'phase_failed', phase: 'inventory', task: null, data: {}, ...over }) as HistoryEvent;

describe('describeEvent', () => {
  it('says nothing of a phase whose end tells no reason', () => {
    expect(describeEvent(event({ data: { phase: 'inventory' } }))).toBeNull();
  });

  it('names what failed and why', () => {
    const data = { type: 'AuditWorkError', message: 'no files' };
    expect(describeEvent(event({ data }))).toBe('    inventory ✗ AuditWorkError: no files');
    const task = { event_type: 'task_failed', task: 'inventory#1/list', data } as const;
    expect(describeEvent(event(task))).toBe('    list ✗ AuditWorkError: no files');
  });
});
