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
