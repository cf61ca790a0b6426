import { ChatFlowError } from '../core/errors.js';
import type { ErrorName } from '../core/errors.js';
import { instanceClosed, instanceNotFound } from './access-instance.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import { findExecution } from './execution.js';

/** What a workflow that is no instance of ours ends a call with, as one of ours may. */
const FOREIGN: readonly ErrorName[] = [
  'WorkerUnavailableError',
  'TimeoutError',
  'WorkflowClosedError',
  'WorkflowFailedError',
  'InternalError',
];

/**
 * Why a call to an instance failed, once it has failed: a call that succeeds asks nothing more. A workflow of another
 * type is no instance; one that Temporal has forgotten, and whose snapshot we still have, has closed.
 */
export async function explainRefusal(
  context: ClientContext,
  instanceId: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ChatFlowError)) return error;
  if (FOREIGN.includes(error.type) && !(await isForeign(context, instanceId))) return error;
  if (!FOREIGN.includes(error.type) && error.type !== 'InstanceNotFoundError') return error;
  const snapshot = await findClosingSnapshot(context, instanceId, null);
  return snapshot === null ? instanceNotFound(context, instanceId, error) : instanceClosed(instanceId, error);
}

/** False where nobody can tell: then the first error stands. */
async function isForeign(context: ClientContext, instanceId: string): Promise<boolean> {
  return findExecution(context, instanceId).then(
    (execution) => execution === null,
    () => false,
  );
}
