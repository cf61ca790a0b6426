import { ChatFlowError } from '../core/errors.js';
import type { InstanceStatus, RetryRequest, WorkflowStatusInfo } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import { transition } from '../core/transition.js';
import type { Snapshot } from '../workflows/messages.js';
import { accessExecution, instanceNotFound } from './access-instance.js';
import { checkInput } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import { findExecution } from './execution.js';
import type { Execution } from './execution.js';
import { readHistory, readStatusInfo } from './read-instance.js';
import { queryInstance } from './query-instance.js';
import { startExecution } from './start-execution.js';

/**
 * Starts a new run of a failed instance under its id, with the state in which it failed. Of two that ask at once, one
 * starts it and both succeed.
 *
 * @throws InvalidInputError where it has not failed, or is a child whose parent is open; InstanceNotFoundError
 */
export async function retryInstance(
  context: ClientContext,
  instanceId: string,
  request: RetryRequest = {},
): Promise<WorkflowStatusInfo> {
  const checked: RetryRequest = checkInput(request, 'retry request');
  const execution = await accessExecution(context, instanceId);
  if (execution !== null && execution.closed === null) return refuseUnlessRetried(context, instanceId);
  if (execution?.closed != null) refuseUnlessFailed(instanceId, execution.closed.status);
  const state = await readClosedState(context, instanceId, execution);
  const next = planRetry(state, checked);
  await refuseOpenParent(context, state);
  const { feature_id, tenant_id } = state;
  await startExecution(context, next, {
    input: { feature_id, tenant_id, retried: { state, request: checked } },
    reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  });
  return readStatusInfo(context, instanceId);
}

/** It is open: fine where somebody retried it before us, refused where it never failed. */
async function refuseUnlessRetried(context: ClientContext, instanceId: string): Promise<WorkflowStatusInfo> {
  const [info, history] = await Promise.all([
    readStatusInfo(context, instanceId),
    readHistory(context, instanceId),
  ]);
  if (history.some((event) => event.event_type === 'workflow_retried')) return info;
  throw onlyFailed(instanceId, info.status, 'To do a phase of it again: "chatflow rewind"');
}

/** What ended otherwise has nothing to go on from, whatever its last state says. */
function refuseUnlessFailed(instanceId: string, status: InstanceStatus): void {
  if (status !== 'failed') throw onlyFailed(instanceId, status, 'Start a new one');
}

function onlyFailed(instanceId: string, status: InstanceStatus, wayOut: string): ChatFlowError {
  return new ChatFlowError(
    'InvalidInputError',
    `Only a failed instance can be retried, this one is ${status}. ${wayOut} [instance_id=${instanceId}]`,
    { instance_id: instanceId, status },
  );
}

async function readClosedState(
  context: ClientContext,
  instanceId: string,
  execution: Execution | null,
): Promise<InstanceState> {
  const snapshot = await findClosingSnapshot(context, instanceId, execution);
  if (snapshot !== null) return snapshot.state;
  if (execution === null) throw instanceNotFound(context, instanceId);
  const answer = await queryInstance<Snapshot>(context, instanceId, { query: 'get_snapshot' });
  return answer.state;
}

/** The state that the new run begins with, by the rules that the workflow itself will apply. */
function planRetry(state: InstanceState, request: RetryRequest): InstanceState {
  const { state: next, refusal } = transition(state, { type: 'retry_requested', at: Date.now(), request });
  if (refusal === null) return next;
  throw new ChatFlowError('InvalidInputError', refusal.message, {
    instance_id: state.instance_id,
    status: state.status,
  });
}

/** Only its parent can start a child again, under its own totals, as long as it goes on or may be retried itself. */
async function refuseOpenParent(context: ClientContext, state: InstanceState): Promise<void> {
  const { parent_instance_id: parentId, instance_id: instanceId } = state;
  if (parentId === null) return;
  const parent = await findExecution(context, parentId);
  if (parent?.closed?.status === 'failed') {
    throw new ChatFlowError(
      'InvalidInputError',
      `The instance is a child of ${parentId}, which has failed, too: "chatflow retry ${parentId}" goes on with both [instance_id=${instanceId}]`,
      { instance_id: instanceId, parent_instance_id: parentId },
    );
  }
  if (parent === null || parent.closed !== null) return;
  throw new ChatFlowError(
    'InvalidInputError',
    `The instance is a child of ${parentId}, which is open: "chatflow rewind ${parentId}" does the phase again that has it, retryTask this child alone [instance_id=${instanceId}]`,
    { instance_id: instanceId, parent_instance_id: parentId },
  );
}
