/**
 * The one place where Temporal's errors become ChatFlow's. Servers and SDKs tell the same fact in several ways (a
 * gRPC code, a class, only a message); each is recognised here and nowhere else.
 */
import {
  ApplicationFailure,
  CancelledFailure,
  QueryNotRegisteredError,
  ServiceError,
  TerminatedFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { ChatFlowError, isErrorName } from '../core/errors.js';
import { isJsonObject } from '../json/json.js';
import type { JsonObject } from '../json/json.js';
import { TASK_QUEUE } from '../workflows/messages.js';
import { isDroppedUpdate } from './grpc-retry.js';

/** Facts that the message names. */
export interface CallFacts {
  readonly address: string;
  readonly namespace: string;
  readonly instanceId?: string;
}

/** gRPC's status codes, as far as they are told apart here. */
const GRPC = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** What an instance says that has closed, with the way out of a failure. */
export const CLOSED =
  'The instance has closed and takes nothing more. "chatflow status" tells how; where it failed, "chatflow retry" goes on';

const ALREADY_CLOSED =
  /execution already completed|workflow completed before the update completed|already completed|workflow is closing/i;
const NO_ATTRIBUTE =
  /no mapping defined for search attribute (\S+)|search attribute (\S+) is not defined|(?:invalid search attribute|column name):? '?(\w+)/i;
/** What a query answers while `chatflow.prepare` runs: the type of its error does not come through. */
const PREPARING = /still being prepared/;
/** An HTTP answer without gRPC in it, or a gRPC server that serves something else. */
const NO_TEMPORAL = /^Received HTTP status code \d+|unknown service temporal|does not implement the method/i;
const UPDATE_LIMIT = /limit on the total number of distinct updates|total number of updates/i;

/** Of a query, once the last worker has been away for a while. */
const NO_POLLER = /no poller seen/i;

/**
 * What a failed call to Temporal means to ChatFlow's caller.
 *
 * @returns an error of the registry with the original as its cause; a ChatFlowError comes back as it is. A deadline
 *   becomes TimeoutError: only the caller can find out why nobody answered.
 */
export function translateError(error: unknown, facts: CallFacts): ChatFlowError {
  if (error instanceof ChatFlowError) return error;
  if (error instanceof WorkflowUpdateFailedError) return fromFailure(error.cause, facts, error);
  if (error instanceof WorkflowFailedError) return fromFailure(error.cause, facts, error);
  if (error instanceof ApplicationFailure) return fromFailure(error, facts, error);
  if (error instanceof WorkflowNotFoundError) return notFound(error.message, facts, error);
  if (error instanceof NamespaceNotFoundError) return noNamespace(facts, error);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return timedOut(facts, error);
  if (error instanceof QueryNotRegisteredError) return queryFailed(error.message, facts, error);
  if (error instanceof ServiceError && error.cause !== undefined) return translateError(error.cause, facts);
  if (isGrpcServiceError(error)) return fromGrpc(error, facts);
  return internal(error instanceof Error ? error.message : String(error), facts, error);
}

function fromGrpc(
  error: Error & { readonly code: number; readonly details: string },
  facts: CallFacts,
): ChatFlowError {
  switch (error.code) {
    case GRPC.UNAVAILABLE:
      return isDroppedUpdate(error.details) ? busy(error, facts) : unavailable(facts, error, error.details);
    case GRPC.CANCELLED:
    case GRPC.DEADLINE_EXCEEDED:
      return timedOut(facts, error);
    case GRPC.NOT_FOUND:
      return notFound(error.details, facts, error);
    case GRPC.UNAUTHENTICATED:
      return chatFlowError(
        'UnauthenticatedError',
        `Temporal asks for credentials: ${error.details}`,
        facts,
        error,
      );
    case GRPC.PERMISSION_DENIED:
      return chatFlowError(
        'UnauthenticatedError',
        `Temporal refused the credentials: ${error.details}`,
        facts,
        error,
      );
    case GRPC.RESOURCE_EXHAUSTED:
      return busy(error, facts);
    case GRPC.INVALID_ARGUMENT:
      return invalidArgument(error.details, facts, error);
    case GRPC.FAILED_PRECONDITION:
      return isDroppedUpdate(error.details)
        ? busy(error, facts)
        : failedPrecondition(error.details, facts, error);
    case GRPC.UNKNOWN:
    case GRPC.UNIMPLEMENTED:
    case GRPC.INTERNAL:
      return NO_TEMPORAL.test(error.details)
        ? noTemporal(facts, error)
        : internal(error.details || error.message, facts, error);
    default:
      return internal(error.details || error.message, facts, error);
  }
}

function busy(error: Error & { readonly details: string }, facts: CallFacts): ChatFlowError {
  return chatFlowError('RateLimitedError', `Temporal is busy: ${error.details}. Try again`, facts, error);
}

/** A failure that came out of the workflow: its type is a name of the registry, or someone else's. */
function fromFailure(failure: Error | undefined, facts: CallFacts, cause: Error): ChatFlowError {
  if (failure instanceof ApplicationFailure) {
    if (failure.type === 'AcceptedUpdateCompletedWorkflow' || ALREADY_CLOSED.test(failure.message))
      return closed(facts, cause);
    const [first] = failure.details ?? [];
    const details: JsonObject = isJsonObject(first) ? first : {};
    if (typeof failure.type === 'string' && isErrorName(failure.type)) {
      return new ChatFlowError(failure.type, failure.message, details, { cause });
    }
    const type = failure.type ?? 'Error';
    return chatFlowError('WorkflowFailedError', failure.message, facts, cause, { ...details, type });
  }
  if (failure instanceof CancelledFailure) return ended('cancelled', failure.message, facts, cause);
  if (failure instanceof TerminatedFailure) return ended('terminated', failure.message, facts, cause);
  return chatFlowError('WorkflowFailedError', failure?.message ?? cause.message, facts, cause, {
    type: 'Error',
  });
}

/** An instance that was ended before it had come to an end of its own. */
export function ended(
  status: 'cancelled' | 'terminated',
  reason: string,
  facts: CallFacts,
  cause: Error,
): ChatFlowError {
  return chatFlowError('WorkflowFailedError', `The instance was ${status}: ${reason}`, facts, cause, {
    status,
    reason,
  });
}

function notFound(message: string, facts: CallFacts, cause: Error): ChatFlowError {
  if (ALREADY_CLOSED.test(message)) return closed(facts, cause);
  if (/namespace/i.test(message)) return noNamespace(facts, cause);
  const where = `in namespace "${facts.namespace}" at ${facts.address}`;
  return chatFlowError(
    'InstanceNotFoundError',
    `No instance ${facts.instanceId ?? ''} ${where}. "chatflow list" shows which there are`,
    facts,
    cause,
  );
}

function closed(facts: CallFacts, cause: Error): ChatFlowError {
  return chatFlowError('WorkflowClosedError', CLOSED, facts, cause);
}

function noNamespace(facts: CallFacts, cause: Error): ChatFlowError {
  const message = `Temporal at ${facts.address} has no namespace "${facts.namespace}". Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create ${facts.namespace}`;
  return new ChatFlowError('TemporalUnavailableError', message, callDetails(facts), { cause });
}

/** No server answers at the address. */
export function unavailable(facts: CallFacts, cause: unknown, reason: string): ChatFlowError {
  const message = `Temporal can't be reached at ${facts.address} (${firstLine(reason)}). Start it with "chatflow up", or set TEMPORAL_ADDRESS`;
  return new ChatFlowError('TemporalUnavailableError', message, callDetails(facts), { cause });
}

/** Something else listens at the address. */
function noTemporal(facts: CallFacts, cause: Error & { readonly details: string }): ChatFlowError {
  const message = `${facts.address} answers, but is no Temporal server (${firstLine(cause.details)}). Set TEMPORAL_ADDRESS to one, or start one with "chatflow up"`;
  return new ChatFlowError('TemporalUnavailableError', message, callDetails(facts), { cause });
}

function timedOut(facts: CallFacts, cause: Error): ChatFlowError {
  return chatFlowError('TimeoutError', 'No answer within the deadline', facts, cause);
}

function invalidArgument(message: string, facts: CallFacts, cause: Error): ChatFlowError {
  const attribute = NO_ATTRIBUTE.exec(message);
  if (attribute !== null) {
    const name = attribute[1] ?? attribute[2] ?? attribute[3] ?? '';
    const text = `Temporal at ${facts.address} does not know the search attribute ${name}. Register ChatFlow's with "chatflow init"`;
    return new ChatFlowError(
      'SearchAttributesMissingError',
      text,
      { ...callDetails(facts), missing: [name] },
      { cause },
    );
  }
  return chatFlowError('InvalidInputError', message, facts, cause);
}

function failedPrecondition(message: string, facts: CallFacts, cause: Error): ChatFlowError {
  if (UPDATE_LIMIT.test(message)) {
    const text =
      'The instance is close to the limits of its history; it takes updates again once its children closed';
    return chatFlowError('HistoryLimitError', text, facts, cause);
  }
  if (NO_POLLER.test(message)) return noWorker(facts, cause);
  return internal(message, facts, cause);
}

/** Where nobody works, and the way out. */
export function nobodyPolls({ namespace, address }: CallFacts, since = ''): string {
  return `nobody polls the task queue "${TASK_QUEUE}"${since} in namespace "${namespace}" at ${address}. Start one with "chatflow up" or "chatflow worker"`;
}

/** The server knows at once that nobody would answer. */
function noWorker(facts: CallFacts, cause: Error): ChatFlowError {
  const message = `No worker is there to answer: ${nobodyPolls(facts)}`;
  return chatFlowError('WorkerUnavailableError', message, facts, cause, { task_queue: TASK_QUEUE });
}

function queryFailed(message: string, facts: CallFacts, cause: Error): ChatFlowError {
  if (PREPARING.test(message)) {
    return chatFlowError('WorkerUnavailableError', message, facts, cause, { preparing: true });
  }
  return internal(`The query failed: ${message}`, facts, cause);
}

function internal(message: string, facts: CallFacts, cause: unknown): ChatFlowError {
  return chatFlowError('InternalError', message, facts, cause);
}

function chatFlowError(
  type: ChatFlowError['type'],
  message: string,
  facts: CallFacts,
  cause: unknown,
  details: JsonObject = {},
): ChatFlowError {
  const suffix = facts.instanceId === undefined ? '' : ` [instance_id=${facts.instanceId}]`;
  const known = message.includes(facts.instanceId ?? '\n') ? '' : suffix;
  return new ChatFlowError(type, `${message}${known}`, { ...callDetails(facts), ...details }, { cause });
}

function callDetails(facts: CallFacts): JsonObject {
  return {
    address: facts.address,
    namespace: facts.namespace,
    ...(facts.instanceId !== undefined && { instance_id: facts.instanceId }),
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
