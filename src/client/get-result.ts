import { CancelledFailure, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { ChatFlowError } from '../core/errors.js';
import { resultOf } from '../core/views.js';
import { isJsonObject, type Json } from '../json/json.js';
import { accessExecution, instanceNotFound } from './access-instance.js';
import { callFacts } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import { findExecution, readEnd, type Execution } from './execution.js';
import { ended, translateError } from './translate-error.js';

/** Waits for an instance's end, however long, and gives what it returned. */
export async function getResult(context: ClientContext, instanceId: string): Promise<Json> {
  const execution = await accessExecution(context, instanceId);
  if (execution === null) return forgottenResult(context, instanceId);
  try {
    return unwrap((await context.client.workflow.getHandle(instanceId).result()) as Json);
  } catch (error) {
    if (isTerminated(error)) throw await explainTermination(context, instanceId, error);
    if (isCancelled(error)) throw await explainCancel(context, instanceId, { execution, error });
    throw translateError(error, callFacts(context, instanceId));
  }
}

function isTerminated(error: unknown): error is WorkflowFailedError {
  return error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure;
}

function isCancelled(error: unknown): error is WorkflowFailedError {
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}

/** Temporal keeps no reason of a cancel in the end that it leads to; the closing snapshot does. */
async function explainCancel(
  context: ClientContext,
  instanceId: string,
  { execution, error }: { readonly execution: Execution; readonly error: WorkflowFailedError },
): Promise<ChatFlowError> {
  const snapshot = await findClosingSnapshot(context, instanceId, execution);
  const reason = snapshot?.state.ending?.reason;
  if (!reason) return translateError(error, callFacts(context, instanceId));
  return ended('cancelled', reason, callFacts(context, instanceId), error);
}

/** A node that ended with those above it ended for their reason, which its own end does not name. */
async function explainTermination(
  context: ClientContext,
  instanceId: string,
  error: WorkflowFailedError,
): Promise<ChatFlowError> {
  const execution = await findExecution(context, instanceId);
  if (!execution?.closed) return translateError(error, callFacts(context, instanceId));
  const { reason } = await readEnd(context, instanceId, execution, execution.closed);
  return ended('terminated', reason ?? 'for no reason given', callFacts(context, instanceId), error);
}

/** A child hands its parent more than its result. */
function unwrap(returned: Json): Json {
  const isWrapped = isJsonObject(returned) && returned['chatflow_child'] === 1 && 'report' in returned;
  return isWrapped ? (returned['result'] ?? null) : returned;
}

async function forgottenResult(context: ClientContext, instanceId: string): Promise<Json> {
  const snapshot = await findClosingSnapshot(context, instanceId, null);
  if (snapshot === null) throw instanceNotFound(context, instanceId);
  const { state } = snapshot;
  if (state.status === 'completed') return resultOf(state);
  const { type, message } = state.failure ?? {
    type: 'WorkflowFailedError',
    message: `It was ${state.status}`,
  };
  throw new ChatFlowError('WorkflowFailedError', `${message} [instance_id=${instanceId}]`, {
    instance_id: instanceId,
    status: state.status,
    type,
  });
}
