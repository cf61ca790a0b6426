import { ChatFlowError } from '../core/errors.js';
import { resultOf } from '../core/views.js';
import { isJsonObject, type Json } from '../json/json.js';
import { accessExecution, instanceNotFound } from './access-instance.js';
import { callFacts } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import { translateError } from './translate-error.js';

/** Waits for an instance's end, however long, and gives what it returned. */
export async function getResult(context: ClientContext, instanceId: string): Promise<Json> {
  const execution = await accessExecution(context, instanceId);
  if (execution === null) return forgottenResult(context, instanceId);
  try {
    return unwrap((await context.client.workflow.getHandle(instanceId).result()) as Json);
  } catch (error) {
    throw translateError(error, callFacts(context, instanceId));
  }
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
