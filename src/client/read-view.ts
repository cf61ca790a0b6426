/** How a reader gets at an instance, open or closed, with or without a worker, within Temporal's retention or after. */
import { ChatFlowError, isErrorName } from '../core/errors.js';
import type { Problem, WorkflowTreeMonitor } from '../core/shapes.js';
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
import { readIndexedTree } from './read-indexed-tree.js';
import { readStartState } from './read-start-state.js';

/** One thing to be read: by query from a live instance, or computed from a closing snapshot. */
export interface View<T> {
  readonly query: QueryName;
  readonly args?: readonly Json[];
  readonly fromState: (state: InstanceState) => T;
  /**
   * Of a terminated instance: what Temporal's index has of its tree, and what it could still answer itself; null while
   * no worker is there. Absent where the index tells nothing of it.
   */
  readonly fromIndex?: (tree: WorkflowTreeMonitor, asked: T | null) => T;
  /** What there is to tell of one that was ended before it began, beside its end; absent where that is nothing. */
  readonly ofNothing?: T;
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
  const asked = await queryOnce<T>(context, instanceId, view).catch(toError);
  if (asked instanceof ChatFlowError) {
    if (asked.type === 'InternalError' || isPreparing(asked))
      return readNeverBegun(context, instanceId, { execution, end, view, error: asked });
    if (asked.type !== 'WorkerUnavailableError') throw asked;
    return orThrow(await readIndexed(context, instanceId, { execution, view, asked: null }), asked);
  }
  if (end.status !== 'terminated') return asked;
  return (await readIndexed(context, instanceId, { execution, view, asked })) ?? asked;
}

function toError(error: unknown): ChatFlowError {
  if (error instanceof ChatFlowError) return error;
  throw error;
}

function orThrow<T>(value: T | null, error: ChatFlowError): T {
  if (value === null) throw error;
  return value;
}

/** What Temporal itself knows, with no worker; null where the index tells nothing of it. */
async function readIndexed<T>(
  context: ClientContext,
  instanceId: string,
  { execution, view, asked }: Omit<ClosedRead<T>, 'end'> & { readonly asked: T | null },
): Promise<T | null> {
  if (!view.fromIndex) return null;
  const tree = await readIndexedTree(context, instanceId, execution.root_id, asked !== null);
  return tree === null ? null : view.fromIndex(tree, asked);
}

/** No state to ask for: its start was refused (a bad definition from another client), or it ended before a worker. */
async function readNeverBegun<T>(
  context: ClientContext,
  instanceId: string,
  { execution, end, view, error }: ClosedRead<T> & { readonly error: ChatFlowError },
): Promise<T> {
  if (end.failure !== null) {
    const refused = neverBegan(end.failure, error);
    if (execution.parent_id === null) throw refused;
    return orThrow(await readRefusedChild(context, instanceId, { execution, view }, end.failure), refused);
  }
  const state = await readStartState(context, instanceId, execution);
  if (state !== null) return view.fromState(state);
  // A child: its definition was to be read by itself.
  if (view.ofNothing !== undefined) return view.ofNothing;
  return orThrow(
    await readIndexed(context, instanceId, { execution, view, asked: null }),
    endedTooEarly(instanceId, end, error),
  );
}

/** Its parent has counted it, so it is told of: as failed, with the reason. */
async function readRefusedChild<T>(
  context: ClientContext,
  instanceId: string,
  { execution, view }: Pick<ClosedRead<T>, 'execution' | 'view'>,
  { type, message }: Problem,
): Promise<T | null> {
  if (view.ofNothing !== undefined || !view.fromIndex) return view.ofNothing ?? null;
  const tree = await readIndexedTree(context, instanceId, execution.root_id, false);
  return tree && view.fromIndex({ ...tree, root: { ...tree.root, reason: `${type}: ${message}` } }, null);
}

function endedTooEarly(instanceId: string, { status }: ExecutionEnd, cause: ChatFlowError): ChatFlowError {
  return new ChatFlowError(
    'WorkflowClosedError',
    `The instance was ended as ${status} before it began: there is no state of it, only its status [instance_id=${instanceId}]`,
    { instance_id: instanceId, status },
    { cause },
  );
}

function neverBegan({ type, message, details }: Problem, cause: ChatFlowError): ChatFlowError {
  const known = isErrorName(type) ? type : 'WorkflowFailedError';
  const said = `The instance was refused at its start: ${message}`;
  return new ChatFlowError(known, said, isJsonObject(details) ? details : {}, { cause });
}

async function readForgotten<T>(context: ClientContext, instanceId: string, view: View<T>): Promise<T> {
  const snapshot = await findClosingSnapshot(context, instanceId, null);
  if (snapshot !== null) return view.fromState(snapshot.state);
  throw instanceNotFound(context, instanceId);
}
