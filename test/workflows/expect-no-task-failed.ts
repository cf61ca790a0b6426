import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** `TimeoutType` of Temporal's API. The other one, of a sticky queue, says that a worker was busy. */
const START_TO_CLOSE = 1;

/**
 * `WorkflowTaskFailedCause`: how the server hands over what came in while a run was closing (UnhandledCommand), or more
 * than it buffers beside a task (ForceCloseCommand). Nothing has failed then.
 */
const HANDED_OVER: ReadonlySet<number> = new Set([1, 17]);

function hasFailed(event: Event): boolean {
  const { workflowTaskFailedEventAttributes: failed, workflowTaskTimedOutEventAttributes: late } = event;
  if (failed && HANDED_OVER.has(Number(failed.cause))) return false;
  return Boolean(failed) || (Boolean(late) && Number(late?.timeoutType) === START_TO_CLOSE);
}

/** Fails where a workflow task of the run has failed or is being tried again: then the instance is wedged. */
export async function expectNoTaskFailed(handle: WorkflowHandle): Promise<void> {
  const { raw } = await handle.describe();
  const pending = raw.pendingWorkflowTask;
  expect(pending?.attempt ?? 0, 'attempts of the pending workflow task').toBeLessThanOrEqual(1);
  const { events } = await handle.fetchHistory();
  const failed = (events ?? []).filter(hasFailed);
  const reasonOf = ({ workflowTaskFailedEventAttributes: task }: Event): string =>
    task ? `${task.failure?.message ?? ''} [cause=${String(task.cause)}]` : 'timed out';
  expect(failed.map(reasonOf)).toEqual([]);
}
