/** Temporal terminates an execution whose history passes 50 MiB: large triggers come there long before many do. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkflowState } from '../../src/core/shapes.js';
import { openTestBed, type TestBed } from './test-bed.js';

const LOOP = `
phases:
  - name: turn
    task: Turn
    outputs: { turns: variables.turns + 1, text: trigger.text }
    next: turn
`;
/** Four of them make a batch of less than the 1 MiB that one may have; the state holds one text at a time. */
const TEXT = 'x'.repeat(230_000);
const BATCH = [1, 2, 3, 4].map(() => ({ trigger_data: { text: TEXT } }));
/** 55 MB, by far fewer inputs and events than those after which an instance continues as new. */
const BATCHES = 60;

const PATIENCE = { timeout: 30_000, interval: 50 };

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

test('large triggers, each of which overwrites the one before, do not end the instance', async () => {
  const handle = await bed.start(LOOP, { initial_context: { turns: 0, text: '' } });
  const current = bed.temporal.workflow.getHandle(handle.workflowId);
  for (let n = 0; n < BATCHES; n += 1) {
    const results = await bed.engine.triggerBatch(handle.workflowId, BATCH);
    expect(results.map(({ applied }) => applied)).toEqual([true, true, true, true]);
  }
  expect((await current.describe()).status.name).toBe('RUNNING');
  const { variables }: WorkflowState = await current.query('get_workflow_state');
  expect(variables['turns']).toBe(BATCHES * BATCH.length);
});

const WITH_CHILD = `
phases:
  - name: child
    execution_strategy: concurrent
    tasks: [{ name: child, subworkflow: { name: child, version: "1", phases: [{ name: work, task: Work }] } }]
  - name: turn
    task: Turn
    outputs: { turns: variables.turns + 1, text: trigger.text }
    next: [{ when: trigger.?last.orValue(false), goto: end }, { goto: turn }]
result: { turns: variables.turns }
`;

test('with an open child they are refused in good time, and taken again once it has closed', async () => {
  const handle = await bed.start(WITH_CHILD, { initial_context: { turns: 0, text: '' } });
  const id = handle.workflowId;
  const current = bed.temporal.workflow.getHandle(id);
  const firstRun = (await current.describe()).runId;
  const batch = BATCH.map((trigger) => ({ ...trigger, task: 'turn' }));
  let applied = 0;
  const sendUntilRefused = async (): Promise<unknown> => {
    for (let n = 0; n < BATCHES; n += 1) {
      const results = await bed.engine.triggerBatch(id, batch);
      applied += results.filter((result) => result.applied).length;
      const refused = results.find((result) => !result.applied);
      if (refused) return refused.error;
    }
    return null;
  };
  const refusal = await sendUntilRefused().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ type: 'HistoryLimitError' });
  // Well below the 50 MiB of the server, and nothing that was taken is lost.
  expect(applied).toBeGreaterThan(100);
  expect((await current.describe()).status.name).toBe('RUNNING');
  const { tasks }: WorkflowState = await current.query('get_workflow_state');
  const child = tasks.find(({ name }) => name === 'child')?.instance_id ?? '';
  await bed.engine.triggerNextStep(child, {});
  await expect.poll(async () => (await current.describe()).runId, PATIENCE).not.toBe(firstRun);
  await bed.engine.triggerNextStep(id, { trigger_data: { text: 'done', last: true } });
  expect(await bed.engine.getResult(id)).toEqual({ turns: applied + 1 });
});
