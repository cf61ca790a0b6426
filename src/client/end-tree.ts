import { randomUUID } from 'node:crypto';
import { accessExecution, instanceClosed, instanceNotFound } from './access-instance.js';
import { callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';

/**
 * Terminates the root; the server ends everything below it, with no worker alive.
 *
 * @throws WorkflowClosedError, InstanceNotFoundError
 */
export async function terminateTree(context: ClientContext, rootId: string, reason?: string): Promise<void> {
  await refuseUnlessOpen(context, rootId);
  await callTemporal(context, () => context.client.workflow.getHandle(rootId).terminate(reason), rootId);
}

/**
 * Asks the root to end gracefully. The SDK's own `cancel` carries no reason, Temporal's request does.
 *
 * @throws WorkflowClosedError, InstanceNotFoundError
 */
export async function cancelTree(context: ClientContext, rootId: string, reason?: string): Promise<void> {
  // The server takes the request for an execution that has closed, and does nothing.
  await refuseUnlessOpen(context, rootId);
  const { client, namespace } = context;
  const request = {
    namespace,
    workflowExecution: { workflowId: rootId },
    identity: client.options.identity,
    requestId: randomUUID(),
    reason: reason ?? '',
  };
  await callTemporal(context, () => client.workflowService.requestCancelWorkflowExecution(request), rootId);
}

/** Temporal would end a workflow of any type: what is no instance of ours is none. */
async function refuseUnlessOpen(context: ClientContext, rootId: string): Promise<void> {
  const execution = await accessExecution(context, rootId);
  if (execution !== null && execution.closed === null) return;
  const isKnown = execution !== null || (await findClosingSnapshot(context, rootId, null)) !== null;
  throw isKnown ? instanceClosed(rootId) : instanceNotFound(context, rootId);
}
