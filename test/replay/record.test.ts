/**
 * Records the histories that `replay.test.ts` replays. Not a test of its own: run it by hand when a version of the
 * engine is released, or when a shape is added: `CHATFLOW_RECORD=1 npx vitest run test/replay/record.test.ts`.
 */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openTestBed, type TestBed } from '../workflows/test-bed.js';
import { FLOW_SHAPES } from './flow-shapes.js';
import { TREE_SHAPES } from './tree-shapes.js';
import { writeRecordedHistory } from './recorded-history.js';

describe.runIf(process.env['CHATFLOW_RECORD'] === '1')('recording', () => {
  let bed: TestBed;

  beforeAll(async () => {
    bed = await openTestBed({ env: { CHATFLOW_COMMANDS: '{"allow": ["node"]}' } });
  });

  afterAll(async () => {
    await bed?.stop();
  });

  /** The runs of an instance and of those below it, oldest first. */
  async function runsOf({ workflowId }: WorkflowHandle): Promise<readonly WorkflowHandle[]> {
    const query = `WorkflowId = "${workflowId}" OR RootWorkflowId = "${workflowId}"`;
    const runs: { readonly workflowId: string; readonly runId: string; readonly startTime: Date }[] = [];
    for await (const run of bed.temporal.workflow.list({ query })) runs.push(run);
    runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
    return runs.map((run) => bed.temporal.workflow.getHandle(run.workflowId, run.runId));
  }

  test.each(Object.entries({ ...FLOW_SHAPES, ...TREE_SHAPES }))('%s is recorded', async (name, shape) => {
    const handle = await bed.start(shape.yaml, { initial_context: shape.context ?? {} });
    const unpinned = bed.temporal.workflow.getHandle(handle.workflowId);
    await shape.drive(unpinned, bed.engine);
    for (const [index, run] of (await runsOf(handle)).entries())
      await writeRecordedHistory(`${name}.${index + 1}`, await run.fetchHistory());
  });
});
