/** How an instance ends, in Temporal and for every reader; and what of it outlives Temporal's memory. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSnapshot } from '../../src/artifacts/index.js';
import type { WorkflowState } from '../../src/core/shapes.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

let bed: TestBed;
/** An instance that Temporal is told to forget before all tests: it takes its half a minute over it. */
let forgotten: { readonly handle: WorkflowHandle; readonly state: WorkflowState; readonly events: unknown };

beforeAll(async () => {
  bed = await openTestBed();
  const handle = await bed.start(TWO);
  await bed.engine.triggerBatch(handle.workflowId, [{ trigger_data: { x: 1 } }, {}]);
  await handle.result();
  const state = await bed.engine.getWorkflowState(handle.workflowId);
  forgotten = { handle, state, events: await bed.engine.getHistory(handle.workflowId) };
  await bed.temporal.workflowService.deleteWorkflowExecution({
    namespace: bed.namespace,
    workflowExecution: { workflowId: handle.workflowId },
  });
});

afterAll(async () => {
  await bed?.stop();
});

const TWO = `
phases:
  - { name: a, task: A, next: [{ when: 'trigger.?stop.orValue(false)', goto: cancel, reason: "Not now" }] }
  - { name: b, task: B }
`;

async function ended(handle: WorkflowHandle): Promise<string> {
  await handle.result().catch(() => undefined);
  return (await handle.describe()).status.name;
}

/** What the store holds of the end of an instance. */
async function keptStatus(handle: WorkflowHandle): Promise<string | undefined> {
  const snapshot = await readSnapshot(bed.store, 'default', handle.workflowId);
  return snapshot?.state.status;
}

async function expectEnd(handle: WorkflowHandle, execution: string, status: string): Promise<WorkflowState> {
  expect(await ended(handle)).toBe(execution);
  expect(await keptStatus(handle)).toBe(status);
  const state = await bed.engine.getWorkflowState(handle.workflowId);
  expect(state).toMatchObject({ status, waiting_for: null });
  expect(state.closed_at).not.toBeNull();
  const events = await bed.engine.getHistory(handle.workflowId);
  expect(typesOf(events).at(-1)).toBe(`workflow_${status}`);
  return state;
}

describe('an instance ends', () => {
  test('as Completed, with what its definition says', async () => {
    const handle = await bed.start(`result: { sum: variables.x + 1 }\n${TWO}`);
    await bed.engine.triggerNextStep(handle.workflowId, { trigger_data: { x: 1 } });
    await bed.engine.triggerNextStep(handle.workflowId);
    expect(await handle.result()).toEqual({ sum: 2 });
    expect(await expectEnd(handle, 'COMPLETED', 'completed')).toMatchObject({ result: { sum: 2 } });
  });

  test('as Failed, with where and why', async () => {
    const handle = await bed.start(TWO);
    const error = { type: 'Broken', message: 'It broke', details: { line: 7 } };
    await bed.engine.triggerNextStep(handle.workflowId, { outcome: 'failed', error });
    const state = await expectEnd(handle, 'FAILED', 'failed');
    expect(state.failure).toMatchObject({ type: 'Broken', phase: 'a', task: 'a#1/a' });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'Broken', message: 'It broke' },
    });
  });

  test('as Canceled where Temporal is asked to cancel it', async () => {
    const handle = await bed.start(TWO);
    await handle.cancel();
    await expectEnd(handle, 'CANCELLED', 'cancelled');
  });

  test('as Canceled where its definition says so', async () => {
    const handle = await bed.start(TWO);
    await bed.engine.triggerNextStep(handle.workflowId, { trigger_data: { stop: true } });
    await expectEnd(handle, 'CANCELLED', 'cancelled');
  });

  test('as Terminated, which its last state does not know but every reader says', async () => {
    const handle = await bed.start(TWO);
    await handle.terminate('Enough');
    expect(await ended(handle)).toBe('TERMINATED');
    expect(await bed.engine.getWorkflowState(handle.workflowId)).toMatchObject({ status: 'terminated' });
    const last = (await bed.engine.getHistory(handle.workflowId)).at(-1);
    expect(last).toMatchObject({ event_type: 'workflow_terminated', data: { reason: 'Enough' } });
  });

  test('once all that a cancel has to undo is undone', async () => {
    const handle = await bed.start(`
finally: last
phases:
  - { name: a, task: A }
  - { name: b, task: B }
  - { name: last, outputs: { cleaned: 'true' }, tasks: [] }
`);
    await bed.engine.triggerNextStep(handle.workflowId);
    await bed.engine.cancelWorkflowTree(handle.workflowId, 'No longer needed');
    const state = await expectEnd(handle, 'CANCELLED', 'cancelled');
    expect(state.variables).toMatchObject({ cleaned: true });
  });
});

describe('a retry of what failed', () => {
  test('goes on under the same id, with history, ids and totals', async () => {
    const handle = await bed.start(TWO);
    const id = handle.workflowId;
    const plain = bed.temporal.workflow.getHandle(id);
    await bed.engine.triggerNextStep(id, { trigger_id: 'a/1', usage: { tokens: 5 }, trigger_data: { x: 1 } });
    await bed.engine.triggerNextStep(id, { outcome: 'failed', error: { type: 'Broken', message: 'no' } });
    expect(await ended(handle)).toBe('FAILED');
    expect(await bed.engine.retry(id, { guidance: 'Look again' })).toMatchObject({
      status: 'running',
      current_phase: 'b',
    });
    expect((await plain.describe()).runId).not.toBe(handle.firstExecutionRunId);
    const state = await bed.engine.getWorkflowState(id);
    expect(state).toMatchObject({ variables: { x: 1 }, usage: { tokens: 5 }, failure: null });
    const open = state.tasks.filter((task) => task.status === 'open');
    expect(open).toMatchObject([{ phase: 'b', meta: { guidance: 'Look again' } }]);
    const repeat = { trigger_id: 'a/1', usage: { tokens: 5 }, trigger_data: { x: 1 } };
    expect(await bed.engine.triggerNextStep(id, repeat)).toMatchObject({ duplicate: true });
    await bed.engine.triggerNextStep(id);
    expect(await plain.result()).toEqual({ x: 1 });
    const events = await bed.engine.getHistory(id);
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    expect(typesOf(events)).toEqual(expect.arrayContaining(['workflow_failed', 'workflow_retried']));
  });
});

describe('after Temporal has forgotten it', () => {
  test('every reader answers from the closing snapshot', { timeout: 120_000 }, async () => {
    const { handle, state, events } = forgotten;
    await expect
      .poll(
        () =>
          handle.describe().then(
            () => 'known',
            (error: Error) => error.name,
          ),
        { timeout: 100_000, interval: 250 },
      )
      .toBe('WorkflowNotFoundError');
    expect(await bed.engine.getWorkflowState(handle.workflowId)).toEqual(state);
    expect(await bed.engine.getHistory(handle.workflowId)).toEqual(events);
    expect(await bed.engine.getWorkflowStatusInfo(handle.workflowId)).toMatchObject({ status: 'completed' });
    const trigger = bed.engine.triggerNextStep(handle.workflowId);
    await expect(trigger).rejects.toMatchObject({ type: 'WorkflowClosedError' });
  });
});
