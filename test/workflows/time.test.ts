/** Days in a moment: the server skips the time in which nothing but timers is due. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task, WorkflowState } from '../../src/core/shapes.js';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../src/workflows/messages.js';
import { connectSkippingClient, fastForward } from '../support/time-skipping.js';
import { documentOf, newInstanceId, openTestBed, typesOf, type TestBed } from './test-bed.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_SEC = 86_400;

let bed: TestBed;
let skipping: Client;

beforeAll(async () => {
  bed = await openTestBed();
  skipping = await connectSkippingClient(bed.namespace);
});

afterAll(async () => {
  await skipping?.connection.close();
  await bed?.stop();
});

/** Starts an instance whose timers fire as soon as nothing else is in flight. */
function startSkipping(yaml: string): Promise<WorkflowHandle> {
  return skipping.workflow.start(WORKFLOW_TYPE, {
    workflowId: newInstanceId(),
    taskQueue: TASK_QUEUE,
    args: [{ feature_id: 'F-1', schema: documentOf(yaml) }],
  });
}

const stateOf = (handle: WorkflowHandle): Promise<WorkflowState> =>
  handle.query<WorkflowState>('get_workflow_state');

function secondsOf({ created_at, closed_at }: WorkflowState): number {
  return (Date.parse(closed_at ?? '') - Date.parse(created_at)) / 1000;
}

describe('a timer', () => {
  test('of thirty days is a durable one, and a year after it another', async () => {
    const handle = await startSkipping(`
phases:
  - { name: month, wait: { for_sec: ${30 * DAY_SEC} } }
  - { name: year, wait: { for_sec: ${365 * DAY_SEC} } }
`);
    await handle.result();
    expect(secondsOf(await stateOf(handle))).toBeGreaterThanOrEqual(395 * DAY_SEC);
  });

  test('stands between attempts, longer from one to the next', async () => {
    const handle = await startSkipping(`
phases:
  - name: call
    executor: { activity: nobody_has_registered_it }
    timeout_sec: 86400
    retry: { max_attempts: 3, initial_interval_sec: 3600, backoff: 2 }
    on_failure: told
  - { name: told, outputs: { told: 'true' }, tasks: [] }
`);
    expect(await handle.result()).toEqual({ told: true });
    const state = await stateOf(handle);
    expect(state.tasks).toMatchObject([{ name: 'call', status: 'failed', attempts: 3 }]);
    expect(secondsOf(state)).toBeGreaterThanOrEqual(3 * 3600);
    expect(secondsOf(state)).toBeLessThan(4 * 3600);
  });

  test('ends an agent task after two days, not after one', async () => {
    const handle = await bed.start(`
phases:
  - { name: slow, task: Slow, timeout_sec: ${2 * DAY_SEC}, on_timeout: late }
  - { name: late, task: Late }
`);
    await fastForward(bed.temporal, handle.workflowId, 24 * HOUR_MS);
    expect(await stateOf(handle)).toMatchObject({ current_phase: 'slow' });
    await fastForward(bed.temporal, handle.workflowId, 25 * HOUR_MS);
    expect(await stateOf(handle)).toMatchObject({ current_phase: 'late' });
    expect(typesOf(await bed.engine.getHistory(handle.workflowId))).toContain('task_failed');
  });

  test('ends an instance whose time is used up', async () => {
    const handle = await bed.start('phases: [{ name: a, task: A }]', {
      resource_quota: { max_duration_sec: 3600 },
    });
    await fastForward(bed.temporal, handle.workflowId, 2 * HOUR_MS);
    await handle.result().catch(() => undefined);
    expect(await stateOf(handle)).toMatchObject({
      status: 'failed',
      failure: { type: 'QuotaExceededError' },
    });
  });
});

test('a pause lets timeouts and the duration stand still', async () => {
  const handle = await bed.start(
    'phases: [{ name: a, task: A, timeout_sec: 3600, on_timeout: late }, { name: late, task: Late }]',
    { resource_quota: { max_duration_sec: 7200 } },
  );
  const pass = (minutes: number): Promise<void> =>
    fastForward(bed.temporal, handle.workflowId, minutes * MINUTE_MS);
  await pass(30);
  await bed.engine.pause(handle.workflowId);
  await pass(600);
  await bed.engine.resume(handle.workflowId);
  await pass(20);
  expect(await stateOf(handle)).toMatchObject({ status: 'created', current_phase: 'a' });
  await pass(20);
  expect(await stateOf(handle)).toMatchObject({ status: 'running', current_phase: 'late' });
  await pass(60);
  await handle.result().catch(() => undefined);
  expect((await stateOf(handle)).failure).toMatchObject({ type: 'QuotaExceededError' });
});

test('a lease that has run out lets another agent claim the task', async () => {
  const handle = await bed.start('phases: [{ name: a, task: A }]');
  const claim = (agent_id: string): Promise<Task> =>
    bed.engine.claimTask(handle.workflowId, { agent_id, lease_sec: 60 });
  const first = await claim('ann');
  await expect(claim('bob')).rejects.toThrow(/ann|claim/);
  await fastForward(bed.temporal, handle.workflowId, 2 * MINUTE_MS);
  const second = await claim('bob');
  expect(second).toMatchObject({ claimed_by: 'bob', task_id: first.task_id });
  await expect(
    bed.engine.triggerNextStep(handle.workflowId, { claim_id: first.claim_id ?? '' }),
  ).rejects.toThrow();
});
