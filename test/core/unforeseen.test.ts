import { describe, expect, test } from 'vitest';
import { ChatFlowError, ERRORS, isErrorName } from '../../src/core/errors.js';
import type { InstanceState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import { CoreDriver, START_AT } from '../support/core-driver.js';

/** An instance whose definition has lost a phase that it stands in: no rule foresees that. */
function broken(flow: string): InstanceState {
  const { state } = new CoreDriver(flow);
  const [, ...phases] = state.definition.phases;
  return { ...state, definition: { ...state.definition, phases } };
}

const TWO = 'phases: [{ name: a, task: A }, { name: b, task: B }]';

describe('what no rule foresees', () => {
  test('fails the instance with InternalError, and never throws', () => {
    const state = broken(TWO);
    const input = { trigger_data: {} };
    const outcome = transition(state, { type: 'trigger_received', at: START_AT, via: 'update', input });
    expect(outcome.refusal).toBeNull();
    expect(outcome.state).toMatchObject({
      status: 'failed',
      closed_at: START_AT,
      failure: { type: 'InternalError' },
    });
    expect(outcome.state.failure?.message).toContain('trigger_received');
    expect(outcome.state.tasks['a#1/a']?.status).toBe('cancelled');
    expect(state.status).toBe('created');
  });

  test('a result that meets it is still counted off', () => {
    const state = broken('phases: [{ name: a, executor: { activity: go } }, { name: b, task: B }]');
    const event = { type: 'activity_completed', at: START_AT, key: 'a#1/a/1', result: {} } as const;
    expect(transition(state, event).state).toMatchObject({ status: 'failed', running_activities: 0 });
  });

  test('an alarm that meets it does not ring for ever', () => {
    const state = broken('phases: [{ name: a, task: A, timeout_sec: 1 }, { name: b, task: B }]');
    const { state: after } = transition(state, {
      type: 'deadline_passed',
      at: START_AT + 1000,
      due: START_AT + 1000,
    });
    expect(after).toMatchObject({ status: 'failed', deadlines: {} });
  });

  test('a closed instance stays as it is', () => {
    const driver = new CoreDriver(TWO);
    driver.cancel();
    const state = { ...driver.state, tasks: null } as unknown as InstanceState;
    const { state: after } = transition(state, {
      type: 'activity_completed',
      at: START_AT,
      key: 'x/1',
      result: {},
    });
    expect(after).toMatchObject({ status: 'cancelled' });
  });

  test('a definition without phases fails', () => {
    const { state } = new CoreDriver(TWO);
    const empty = { ...state, definition: { ...state.definition, phases: [] } };
    expect(transition(empty, { type: 'instance_started', at: START_AT }).state.failure).toMatchObject({
      type: 'InternalError',
    });
  });
});

describe('results that nobody waits for', () => {
  test('are recorded as superseded', () => {
    const driver = new CoreDriver('phases: [{ name: a, executor: { activity: go } }]');
    driver.complete('a#1/a');
    const late = transition(driver.state, {
      type: 'activity_failed',
      at: START_AT,
      key: 'a#1/a/1',
      problem: { type: 'X', message: 'm' },
    });
    expect(late.state.events.at(-1)).toMatchObject({
      event_type: 'task_superseded',
      data: { late: 'activity_failed' },
    });
    expect(late.state.status).toBe('completed');
  });
});

describe('the registry of errors', () => {
  test('knows its names, and makes problems of errors', () => {
    expect(isErrorName('TimeoutError')).toBe(true);
    expect(isErrorName('toString')).toBe(false);
    const error = new ChatFlowError('TimeoutError', 'late', { task: 'a' });
    expect(error.toProblem()).toEqual({ type: 'TimeoutError', message: 'late', details: { task: 'a' } });
    expect(error.name).toBe('TimeoutError');
  });

  test.each(Object.entries(ERRORS))('%s has a status and an exit code', (_name, { status, exitCode }) => {
    expect(status).toBeGreaterThanOrEqual(400);
    expect([1, 2, 3, 4, 5, 6]).toContain(exitCode);
  });
});
