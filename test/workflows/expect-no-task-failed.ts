import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';

const TASK_FAILURES = ['workflowTaskFailedEventAttributes', 'workflowTaskTimedOutEventAttributes'] as const;

/** Fails where a workflow task of the run has failed or is being tried again: then the instance is wedged. */
export async function expectNoTaskFailed(handle: WorkflowHandle): Promise<void> {
  const { raw } = await handle.describe();
  const pending = raw.pendingWorkflowTask;
  expect(pending?.attempt ?? 0, 'attempts of the pending workflow task').toBeLessThanOrEqual(1);
  const { events } = await handle.fetchHistory();
  // `UnhandledCommand` is how the server hands over what came in while a run was closing: nothing has failed.
  const failed = (events ?? [])
    .filter((event) => TASK_FAILURES.some((key) => event[key]))
    .filter((event) => event.workflowTaskFailedEventAttributes?.failure?.message !== 'UnhandledCommand');
  expect(failed.map((event) => event.workflowTaskFailedEventAttributes?.failure?.message)).toEqual([]);
}
