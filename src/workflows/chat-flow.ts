/** The workflow `chatflow`: each execution is one instance of a definition. */
import { CancellationScope, condition, proxySinks, workflowInfo, type Sinks } from '@temporalio/workflow';
import { ChatFlowError } from '../core/errors.js';
import { resultOf } from '../core/views.js';
import type { Json } from '../json/json.js';
import { listenForCancelReason } from './cancel-reason.js';
import { continueRun, isOwnState, isPastMark } from './continue-run.js';
import { cancelledEnd } from './end-as-cancelled.js';
import { problemOf, toFailure } from './failures.js';
import { registerHandlers, type Slot } from './handlers.js';
import { Instance } from './instance.js';
import type { Snapshot, StartInput } from './messages.js';
import { decodeStart, isPrepared, newInstance, prepareByActivity } from './start-instance.js';

/** What the worker does beside Temporal: it keeps the closing snapshot. Awaited before the closing task is answered. */
export interface SnapshotSinks extends Sinks {
  readonly chatflow: { writeSnapshot(snapshot: Snapshot): void };
}

const { chatflow: sinks } = proxySinks<SnapshotSinks>();

/** Runs an instance to its end; returns what the definition's `result` says, or the variables. */
export async function chatflow(...args: unknown[]): Promise<Json> {
  return CancellationScope.nonCancellable(() => runInstance(args));
}

async function runInstance(args: readonly unknown[]): Promise<Json> {
  const slot: Slot = { instance: null, refused: false };
  const cancelReason = listenForCancelReason();
  const input = refusing(slot, () => decodeStart(args));
  if (input.continued || input.retried || isPrepared(input.prepared)) begin(slot, input);
  registerHandlers(slot);
  if (!slot.instance) await prepareAndBegin(slot, input);
  const instance = slot.instance;
  if (!instance) throw new Error('the instance has not been made');
  listenForCancel(instance, cancelReason);
  for (;;) {
    await condition(() => instance.state.closed_at !== null || isPastMark(instance));
    if (instance.state.closed_at !== null) return end(instance);
    await continueRun(instance);
    await condition(() => instance.state.closed_at !== null || instance.state.running_activities === 0);
  }
}

/** A refusal of the start fails the execution with its reason. */
function refusing<T>(slot: Slot, run: () => T): T {
  try {
    return run();
  } catch (error) {
    slot.refused = true;
    throw error instanceof ChatFlowError ? toFailure(error.toProblem()) : error;
  }
}

function begin(slot: Slot, input: StartInput): void {
  const carried = input.continued ?? input.retried?.state;
  if (carried && !isOwnState(carried)) {
    refusing(slot, () => {
      throw new ChatFlowError(
        'SchemaValidationError',
        `The state that was passed belongs to ${carried.instance_id}`,
      );
    });
  }
  if (carried) {
    slot.instance = new Instance(carried);
    slot.instance.apply(
      input.retried ? { type: 'retry_requested', request: input.retried.request } : { type: 'run_continued' },
    );
    return;
  }
  if (!input.prepared) throw new Error('the definition has not been prepared');
  slot.instance = new Instance(newInstance(input, input.prepared));
  slot.instance.apply({ type: 'instance_started' });
}

async function prepareAndBegin(slot: Slot, input: StartInput): Promise<void> {
  try {
    const prepared = await prepareByActivity(input);
    begin(slot, { ...input, prepared });
  } catch (error) {
    slot.refused = true;
    throw toFailure(problemOf(error));
  }
}

/** Temporal's cancel is the graceful end. */
function listenForCancel(instance: Instance, reason: () => string | null): void {
  const scope = CancellationScope.current();
  scope.cancelRequested.catch(() => {
    instance.apply({ type: 'cancel_requested', reason: reason() });
  });
}

function end(instance: Instance): Json {
  const { state } = instance;
  instance.publishEnd();
  sinks.writeSnapshot({ snapshot_version: 1, run_id: workflowInfo().runId, state });
  if (state.status === 'failed' && state.failure) {
    const { type, message, ...details } = state.failure;
    throw toFailure({ type, message, details });
  }
  if (state.status === 'cancelled') throw cancelledEnd(state.ending?.reason ?? 'The instance was cancelled');
  return resultOf(state);
}
