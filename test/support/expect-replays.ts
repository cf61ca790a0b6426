/** What ran on a server has to run from its history alone as it ran then. */
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import { getWorkflowBundle } from './workflow-bundle.js';

/** Sinks are not called in a replay. */
const sinks = { chatflow: { writeSnapshot: { fn: (): void => undefined } } };

/** Replays the newest run of each of these workflows on the code as it is. */
export async function expectReplays(temporal: Client, workflowIds: readonly string[]): Promise<void> {
  const histories = await Promise.all(
    workflowIds.map(async (workflowId) => ({
      workflowId,
      history: await temporal.workflow.getHandle(workflowId).fetchHistory(),
    })),
  );
  const options = { workflowBundle: await getWorkflowBundle(), sinks };
  const outcomes: unknown[] = [];
  for await (const { error } of Worker.runReplayHistories(options, histories)) outcomes.push(error);
  expect(outcomes).toEqual(workflowIds.map(() => undefined));
}
