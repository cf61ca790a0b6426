/** A run of the workflow `chatflow`: each execution is one instance of a definition. */
import { CancellationScope, condition, proxySinks, workflowInfo } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import type { PreparedChild } from '../activities/activity-types.js';
import { ChatFlowError, type Problem } from '../core/errors.js';
import { seedInstance } from '../core/seed-instance.js';
import { shareDefinition } from '../core/share-definition.js';
import type { InstanceState } from '../core/state.js';
import { makeReport } from '../core/report-up.js';
import { resultOf } from '../core/views.js';
import { digest } from '../json/canonical-json.js';
import type { Json } from '../json/json.js';
import { archiveEvents, continueRun, isBusy, isHeavy, isOwnState, isPastMark } from './continue-run.js';
import { cancelledEnd } from './end-as-cancelled.js';
import { problemOf, toFailure } from './failures.js';
import { registerHandlers } from './handlers.js';
import { Instance, type InstanceEvent } from './instance.js';
import type { Snapshot, SnapshotSinks, StartInput } from './messages.js';
import { publishRefusal } from './publish-status.js';
import type { Slot } from './slot.js';
import {
  checkEngineVersion,
  decodeStart,
  isPrepared,
  newInstance,
  prepareByActivity,
  prepareChild,
} from './start-instance.js';

const { chatflow: sinks } = proxySinks<SnapshotSinks>();

/** Runs an instance to its end; returns what the definition's `result` says, or the variables. */
export async function runInstance(
  args: readonly unknown[],
  cancelReason: () => string | null,
): Promise<Json> {
  const slot: Slot = { instance: null, refused: null };
  const input = beginAtOnce(slot, args);
  if (!slot.instance) await prepareAndBegin(slot, input);
  const instance = slot.instance;
  if (!instance) throw new Error('the instance has not been made');
  letGo(input);
  listenForCancel(instance, cancelReason);
  for (;;) {
    await condition(
      () => instance.state.closed_at !== null || isPastMark(instance) || isHeavy(instance.state),
    );
    if (instance.state.closed_at !== null) {
      if (!instance.isIdle) await condition(() => instance.isIdle);
      // An end as cancelled carries nothing: what the subtree has come to goes ahead of it.
      if (instance.state.status === 'cancelled') await instance.tellEnd();
      return end(instance);
    }
    if (!isPastMark(instance)) {
      await archiveEvents(instance);
      continue;
    }
    const archived = await continueRun(instance);
    await condition(
      () =>
        instance.state.closed_at !== null || !isBusy(instance.state) || (archived && isHeavy(instance.state)),
    );
  }
}

/** Begins where nothing has to be prepared. Handlers are there in any case: they say why a start was refused. */
function beginAtOnce(slot: Slot, args: readonly unknown[]): StartInput {
  try {
    const input = refusing(slot, () => decodeStart(args));
    if (input.child) slot.version = input.child.engine_version;
    const isReady = refusing(
      slot,
      () => Boolean(input.continued ?? input.retried) || isPrepared(input.prepared),
    );
    if (isReady) begin(slot, input);
    return input;
  } finally {
    registerHandlers(slot);
  }
}

/** A refusal of the start fails the execution with its reason; so does what only a forged start can cause. */
function refusing<T>(slot: Slot, run: () => T): T {
  try {
    return run();
  } catch (error) {
    slot.refused = problemOfStart(error);
    slot.instance = null;
    throw toFailure(slot.refused);
  }
}

function problemOfStart(error: unknown): Problem {
  if (error instanceof ChatFlowError) return error.toProblem();
  if (error instanceof ApplicationFailure) return problemOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return {
    type: 'SchemaValidationError',
    message: `The start is refused: what it says to have prepared cannot be run: ${reason}`,
  };
}

function begin(slot: Slot, input: StartInput): void {
  refusing(slot, () => beginWith(slot, ...firstEvent(input)));
}

function beginWith(slot: Slot, state: InstanceState, event: InstanceEvent): void {
  refusing(slot, () => {
    slot.instance = new Instance(state);
    const { refusal } = slot.instance.begin(event);
    if (refusal) throw toFailure(refusal);
  });
}

/** The state that the run goes on from, and what happens to it first. */
function firstEvent(input: StartInput): [InstanceState, InstanceEvent] {
  const { continued, retried, prepared } = input;
  if (continued) return [sharing(ownState(continued)), { type: 'run_continued' }];
  if (retried)
    return [sharing(ownState(retried.state)), { type: 'retry_requested', request: retried.request }];
  if (!isPrepared(prepared)) throw new Error('the definition has not been prepared as its digest says');
  checkEngineVersion(prepared.settings.engine_version);
  const { definition, digest: checked } = prepared;
  const shared = { ...prepared, definition: shareDefinition(definition, checked) };
  return [newInstance(input, shared), { type: 'instance_started' }];
}

/** The same state; its definition is one object for all instances of it on this worker. */
function sharing(state: InstanceState): InstanceState {
  const { definition } = state;
  return { ...state, definition: shareDefinition(definition, digest(definition as unknown as Json)) };
}

/** The SDK holds the argument for as long as the run lasts: what the instance has taken over is let go. */
function letGo(input: { -readonly [Key in keyof StartInput]: StartInput[Key] }): void {
  delete input.schema;
  delete input.initial_context;
  delete input.prepared;
  delete input.continued;
  delete input.retried;
}

function ownState(state: InstanceState): InstanceState {
  checkEngineVersion(state.engine_version);
  if (isOwnState(state)) return state;
  throw new ChatFlowError(
    'SchemaValidationError',
    `The state that was passed belongs to ${String(state.instance_id)}`,
  );
}

async function prepareAndBegin(slot: Slot, input: StartInput): Promise<void> {
  try {
    if (input.child) return beginChild(slot, input, await prepareChild(input));
    const prepared = await prepareByActivity(input);
    begin(slot, { ...input, prepared });
  } catch (error) {
    slot.refused = refusalOf(problemOf(error));
    if (input.child && input.child.engine_version >= 7) publishRefusal(input, input.child);
    throw toFailure(slot.refused);
  }
}

/** A child begins anew, or where the one before it failed. */
function beginChild(slot: Slot, input: StartInput, { seed, ...prepared }: PreparedChild): void {
  if (seed === undefined) return begin(slot, { ...input, prepared });
  const state = sharing(seedInstance(newInstance(input, prepared), seed));
  beginWith(slot, state, { type: 'retry_requested', request: {} });
}

/** To whoever starts an instance, its input is part of what is checked. */
function refusalOf(problem: Problem): Problem {
  return problem.type === 'InvalidInputError' ? { ...problem, type: 'SchemaValidationError' } : problem;
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
  const { runId } = workflowInfo();
  const snapshot: Snapshot = { snapshot_version: 1, run_id: runId, state };
  const { tenant_id, instance_id, closed_at, updated_at } = state;
  sinks.writeSnapshot(
    { tenant_id, instance_id, run_id: runId, ended_at: closed_at ?? updated_at },
    JSON.stringify(snapshot),
  );
  const isChild = state.parent_instance_id !== null;
  const report = makeReport(state, state.closed_at ?? state.updated_at) as unknown as Json;
  const beside = isChild ? [report] : [];
  if (state.status === 'failed' && state.failure) {
    const { type, message, ...details } = state.failure;
    throw toFailure({ type, message, details }, beside);
  }
  if (state.status === 'cancelled') throw cancelledEnd(state.ending?.reason ?? 'The instance was cancelled');
  return isChild ? { chatflow_child: 1, result: resultOf(state), report } : resultOf(state);
}
