/** What Temporal itself says of an instance's latest run: it holds for runs, too, that ended without our code. */
import { defineSearchAttributeKey } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/client';
import type { InstanceStatus, Problem } from '../core/shapes.js';
import { ChatFlowError } from '../core/errors.js';
import { isJsonObject } from '../json/json.js';
import type { Json } from '../json/json.js';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';
import { WORKFLOW_TYPE } from '../workflows/messages.js';
import { callFacts, callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import { closedStatus } from './instance-status.js';
import { translateError } from './translate-error.js';

/** `HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT` of Temporal's API. */
const CLOSE_EVENT = 2;

/** How an execution ended, from its last event. */
export interface ExecutionEnd {
  readonly status: InstanceStatus;
  readonly closed_at: string;
  readonly reason: string | null;
  /** Where it failed: what the failure says. */
  readonly failure: Problem | null;
}

export interface Execution {
  readonly run_id: string;
  readonly started_at: string;
  /** As the index has it; null while it does not know it. */
  readonly tenant_id: string | null;
  /** The instance above it; null for a root. */
  readonly parent_id: string | null;
  /** The top of its tree: itself for a root. */
  readonly root_id: string;
  /** Null while it is open. */
  readonly closed: { readonly status: InstanceStatus; readonly at: string } | null;
}

const TENANT = defineSearchAttributeKey('ChatflowTenant', SEARCH_ATTRIBUTES.ChatflowTenant);

/**
 * The latest run of an instance.
 *
 * @returns null where Temporal has none (never started, or its retention is over)
 */
export async function findExecution(context: ClientContext, instanceId: string): Promise<Execution | null> {
  try {
    const description = await callTemporal(
      context,
      () => context.client.workflow.getHandle(instanceId).describe(),
      instanceId,
    );
    return description.type === WORKFLOW_TYPE ? toExecution(description) : null;
  } catch (error) {
    if (error instanceof ChatFlowError && error.type === 'InstanceNotFoundError') return null;
    throw error;
  }
}

function toExecution(description: WorkflowExecutionDescription): Execution {
  const status = closedStatus(description.status.name);
  return {
    run_id: description.runId,
    started_at: description.startTime.toISOString(),
    tenant_id: description.typedSearchAttributes.get(TENANT) ?? null,
    parent_id: description.parentExecution?.workflowId ?? null,
    root_id: description.rootExecution?.workflowId ?? description.workflowId,
    closed: status === null ? null : { status, at: (description.closeTime ?? new Date(0)).toISOString() },
  };
}

/** How a closed execution ended, with the reason that whoever ended it gave. */
export async function readEnd(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
  closed: NonNullable<Execution['closed']>,
): Promise<ExecutionEnd> {
  const { client, namespace } = context;
  if (closed.status === 'completed') {
    return { status: closed.status, closed_at: closed.at, reason: null, failure: null };
  }
  const answer = await callTemporal(
    context,
    () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: { workflowId: instanceId, runId: execution.run_id },
        historyEventFilterType: CLOSE_EVENT,
      }),
    instanceId,
  );
  const event = answer.history?.events?.at(-1);
  const terminated = event?.workflowExecutionTerminatedEventAttributes;
  const failed = event?.workflowExecutionFailedEventAttributes;
  return {
    status: closed.status,
    closed_at: closed.at,
    reason:
      (terminated?.reason === BY_PARENT ? await reasonAbove(context, execution) : terminated?.reason) ??
      (event?.workflowExecutionTimedOutEventAttributes ? 'timed out' : null),
    failure: failed?.failure == null ? null : await decodeFailure(context, instanceId, failed.failure),
  };
}

/** What the server says of those that it ends with the one above them. */
const BY_PARENT = 'by parent close policy';

/** Why the first of those above has ended: what ended it has ended all below. */
async function reasonAbove(context: ClientContext, { parent_id: id }: Execution): Promise<string> {
  const parent = id === null ? null : await findExecution(context, id);
  if (id === null || parent === null || parent.closed === null) return BY_PARENT;
  const { reason, failure } = await readEnd(context, id, parent, parent.closed);
  return (
    reason ??
    `the instance above it ${failure ? `has failed: ${failure.message}` : 'has closed'} [instance_id=${id}]`
  );
}

type ProtoFailure = Parameters<
  ClientContext['client']['options']['loadedDataConverter']['failureConverter']['failureToError']
>[0];

async function decodeFailure(
  context: ClientContext,
  instanceId: string,
  failure: ProtoFailure,
): Promise<Problem> {
  const { failureConverter, payloadConverter } = context.client.options.loadedDataConverter;
  const error: unknown = failureConverter.failureToError(failure, payloadConverter);
  if (error instanceof ApplicationFailure) {
    const details: Json = isJsonObject(error.details?.[0]) ? error.details[0] : {};
    return { type: error.type ?? 'Error', message: error.message, details };
  }
  return translateError(error, callFacts(context, instanceId)).toProblem();
}
