/** How a reader gets at an instance, open or closed, with or without a worker, within Temporal's retention or after. */
import { ChatFlowError, isErrorName } from '../core/errors.js';
import type { Problem } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import { isJsonObject } from '../json/json.js';
import type { Json } from '../json/json.js';
import type { QueryName } from '../workflows/messages.js';
import { accessExecution, instanceNotFound } from './access-instance.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import { readEnd } from './execution.js';
import type { Execution, ExecutionEnd } from './execution.js';
import { isPreparing, queryInstance, queryOnce } from './query-instance.js';
import { readStartState } from './read-start-state.js';

/** One thing to be read: by query from a live instance, or computed from a closing snapshot. */
export interface View<T> {
  readonly query: QueryName;
  readonly args?: readonly Json[];
  readonly fromState: (state: InstanceState) => T;
  /** Lays the real end over the answer. */
  readonly overlay: (value: T, end: ExecutionEnd) => T;
}

/**
 * Reads a view of an instance as it really stands.
 *
 * @throws InstanceNotFoundError where neither Temporal nor the artifact store knows it; for an execution that failed
 *   before it became an instance, the error it failed with
 */
export async function readView<T>(context: ClientContext, instanceId: string, view: View<T>): Promise<T> {
  const execution = await accessExecution(context, instanceId);
  if (execution === null) return readForgotten(context, instanceId, view);
  if (execution.closed === null) return queryInstance(context, instanceId, view);
  const end = await readEnd(context, instanceId, execution, execution.closed);
  return view.overlay(await readClosed(context, instanceId, { execution, end, view }), end);
}

interface ClosedRead<T> {
  readonly execution: Execution;
  readonly end: ExecutionEnd;
  readonly view: View<T>;
}

/** The snapshot first: it needs no worker and no replay. A terminated run left none. */
async function readClosed<T>(
  context: ClientContext,
  instanceId: string,
  { execution, end, view }: ClosedRead<T>,
): Promise<T> {
  const snapshot = await findClosingSnapshot(context, instanceId, execution);
  if (snapshot !== null) return view.fromState(snapshot.state);
  try {
    return await queryOnce<T>(context, instanceId, view);
  } catch (error) {
    if (!(error instanceof ChatFlowError)) throw error;
    if (error.type !== 'InternalError' && !isPreparing(error)) throw error;
    return readNeverBegun(context, instanceId, { execution, end, view, error });
  }
}

/** No state to ask for: its start was refused (a bad definition from another client), or it ended before a worker. */
async function readNeverBegun<T>(
  context: ClientContext,
  instanceId: string,
  { execution, end, view, error }: ClosedRead<T> & { readonly error: ChatFlowError },
): Promise<T> {
  if (end.failure !== null) throw neverBegan(end.failure, error);
  const state = await readStartState(context, instanceId, execution);
  if (state === null) throw error;
  return view.fromState(state);
}

function neverBegan({ type, message, details }: Problem, cause: ChatFlowError): ChatFlowError {
  const known = isErrorName(type) ? type : 'WorkflowFailedError';
  return new ChatFlowError(known, message, isJsonObject(details) ? details : {}, { cause });
}

async function readForgotten<T>(context: ClientContext, instanceId: string, view: View<T>): Promise<T> {
  const snapshot = await findClosingSnapshot(context, instanceId, null);
  if (snapshot !== null) return view.fromState(snapshot.state);
  throw instanceNotFound(context, instanceId);
}
