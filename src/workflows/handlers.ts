/**
 * The handlers of signals, updates and queries: one-liners onto the instance. A refusal of an update happens in its
 * validator, where it costs no history; the handler asks again and never trusts the validator alone. The same
 * refusal of a signal stands in the history as `trigger_rejected`.
 */
import {
  currentUpdateInfo,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
  defineQuery,
  defineSignal,
  defineUpdate,
} from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import * as decode from '../core/decode-input.js';
import { ChatFlowError, type Problem } from '../core/errors.js';
import { viewLeftBehind } from '../core/left-behind.js';
import { MESSAGE_SIGNAL } from '../core/messages.js';
import { eventsSize } from '../core/refuse-growth.js';
import { SLOW_SIGNAL } from '../core/report-pace.js';
import { REPORT_SIGNAL } from '../core/report-up.js';
import { RAISE_SIGNAL } from '../core/shared-quota.js';
import type { TriggerResult } from '../core/shapes.js';
import {
  viewHistory,
  viewStatusInfo,
  viewTreeMonitor,
  viewTreeStatus,
  viewWorkflowState,
} from '../core/views.js';
import { jsonSize } from '../json/json-size.js';
import type { Json } from '../json/json.js';
import { toFailure, translating } from './failures.js';
import { newClaimId, type Instance, type InstanceEvent } from './instance.js';
import type { QueryName, SignalName, UpdateName } from './messages.js';
import { noInstance, whenReady, type Slot } from './slot.js';

/** What never came to be has left nothing behind. */
const LEFT_BEHIND: QueryName = 'get_left_behind';

type Args = readonly unknown[];
type Decoder = (args: Args) => InstanceEvent;

/**
 * The server takes 2,000 updates and 51,200 events a run; with something open that forbids continue-as-new, stop before.
 * Of events far before: whoever takes over from a worker that died reads all of them, at 0.4 to 0.9 ms each.
 */
const HARD_INPUTS = 1800;
const HARD_EVENTS = 20_000;
/** Of a run's history: at 50 MiB the server terminates the execution. */
const HARD_BYTES = 40 * 1024 * 1024;
/** Audit events that have not moved to the store yet. */
const HARD_EVENT_BYTES = 1024 * 1024;
/** What may be the way out of what holds a run up is taken for as long as the server takes it. */
const RELIEVING: ReadonlySet<string> = new Set<UpdateName>([
  'pause',
  'resume',
  'extend_quota',
  'set_automation_level',
  'rewind',
  'retry_task',
  'release_task',
]);
/** Of a refusal among the results of a batch. */
const SHORT_MESSAGE_CHARS = 500;
const SHORT_DETAILS_BYTES = 500;

const INTERNAL_SIGNALS = [MESSAGE_SIGNAL, REPORT_SIGNAL, RAISE_SIGNAL, SLOW_SIGNAL] as const;
type InternalSignal = (typeof INTERNAL_SIGNALS)[number];
const INTERNAL = new Set<string>(INTERNAL_SIGNALS);

const steering = {
  record_artifacts: (args) => ({ type: 'artifacts_recorded', refs: decode.decodeArtifacts(args) }),
  pause: (args) => {
    const { reason, ...reach } = decode.decodePause(args);
    return { type: 'pause_requested', reason: reason ?? null, ...reach };
  },
  resume: (args) => ({ type: 'resume_requested', ...decode.decodeResume(args) }),
  set_automation_level: (args) => ({ type: 'automation_level_set', level: decode.decodeLevel(args).level }),
  extend_quota: (args) => ({ type: 'quota_extended', quota: decode.decodeQuota(args) }),
} satisfies Partial<Record<SignalName, Decoder>>;

const SIGNAL_DECODERS: Readonly<Record<Exclude<SignalName, 'trigger_batch'> | InternalSignal, Decoder>> = {
  ...steering,
  trigger_next_step: (args) => ({
    type: 'trigger_received',
    via: 'signal',
    input: decode.decodeTrigger(args),
  }),
  create_subworkflow: (args) => ({
    type: 'subworkflow_requested',
    via: 'signal',
    request: decode.decodeSubworkflow(args),
  }),
  publish_to_parent: (args) => ({ type: 'publish_requested', data: decode.decodePublished(args) }),
  message_child: (args) => ({ type: 'message_requested', ...decode.decodeMessageToChild(args) }),
  // The engine's own, between an instance and those above and below it.
  receive_message: (args) => ({ type: 'message_received', ...decode.decodeMessage(args) }),
  report_subtree: (args) => ({ type: 'child_reported', ...decode.decodeReport(args) }),
  raise_shared_quota: (args) => ({ type: 'quota_raised', ...decode.decodeLimitsTold(args) }),
  slow_reports: (args) => ({ type: 'reports_slowed', sec: decode.decodeSlowReports(args).report_sec }),
};

const UPDATE_DECODERS: Readonly<Record<Exclude<UpdateName, 'trigger_batch'>, Decoder>> = {
  ...steering,
  trigger_next_step: (args) => ({
    type: 'trigger_received',
    via: 'update',
    input: decode.decodeTrigger(args),
  }),
  create_subworkflow: (args) => ({
    type: 'subworkflow_requested',
    via: 'update',
    request: decode.decodeSubworkflow(args),
  }),
  claim_task: (args) => ({ type: 'task_claimed', claim_id: '', request: decode.decodeClaim(args) }),
  heartbeat_task: (args) => ({ type: 'lease_extended', request: decode.decodeLease('heartbeat_task', args) }),
  release_task: (args) => ({ type: 'task_released', request: decode.decodeLease('release_task', args) }),
  rewind: (args) => ({ type: 'rewind_requested', request: decode.decodeRewind(args) }),
  retry_task: (args) => ({ type: 'task_retried', request: decode.decodeRetryTask(args) }),
};

const QUERIES: Readonly<Record<QueryName, (instance: Instance, args: Args) => unknown>> = {
  get_workflow_state: ({ state }, args) => {
    decode.decodeNothing('get_workflow_state', args);
    return viewWorkflowState(state, Date.now());
  },
  get_workflow_status_info: ({ state }, args) => {
    decode.decodeNothing('get_workflow_status_info', args);
    return viewStatusInfo(state);
  },
  get_workflow_tree_status: ({ state }, args) => {
    decode.decodeNothing('get_workflow_tree_status', args);
    return viewTreeStatus(state, Date.now());
  },
  monitor_workflow_tree: ({ state }, args) => {
    decode.decodeMonitorRequest(args);
    return viewTreeMonitor(state, Date.now());
  },
  get_history: ({ state }, args) => viewHistory(state, decode.decodeHistoryRequest(args).after),
  preview_next_step: (instance, args) => preview(instance, args),
  get_left_behind: ({ state }, args) => {
    decode.decodeNothing('get_left_behind', args);
    return viewLeftBehind(state);
  },
  get_snapshot: ({ state }, args) => {
    decode.decodeNothing('get_snapshot', args);
    return { snapshot_version: 1, run_id: workflowInfo().runId, state };
  },
};

// One definition of each for all instances of a worker.
const signals = Object.entries(SIGNAL_DECODERS).map(
  ([name, decoder]) => [defineSignal<unknown[]>(name), decoder] as const,
);
const updates = Object.entries(UPDATE_DECODERS).map(
  ([name, decoder]) => [defineUpdate<unknown, unknown[]>(name), decoder] as const,
);
const queries = Object.entries(QUERIES).map(
  ([name, answer]) => [defineQuery<unknown, unknown[]>(name), answer] as const,
);
const batchSignal = defineSignal<unknown[]>('trigger_batch');
const batchUpdate = defineUpdate<unknown, unknown[]>('trigger_batch');

/** Registers everything. Synchronous, before the first await. */
export function registerHandlers(slot: Slot): void {
  for (const [signal, decoder] of signals) {
    setHandler(signal, (...args) =>
      whenReady(slot, (instance) =>
        instance.inTurn(() => receiveSignal(instance, signal.name, decoder, args)),
      ),
    );
  }
  setHandler(batchSignal, (...args) =>
    whenReady(slot, (instance) => instance.inTurn(() => receiveBatchSignal(instance, args))),
  );
  setDefaultSignalHandler((name, ...args) =>
    whenReady(slot, (instance) =>
      instance.inTurn(() =>
        reject(instance, name, args, {
          type: 'InvalidInputError',
          message: `There is no signal ${name.slice(0, 80)}`,
        }),
      ),
    ),
  );
  for (const [update, decoder] of updates) registerUpdate(slot, update, decoder);
  registerBatchUpdate(slot);
  registerQueries(slot);
}

function receiveSignal(instance: Instance, name: string, decoder: Decoder, args: Args): void {
  // What those above and below tell is no input: it must not use up what the server takes of clients' updates.
  if (!INTERNAL.has(name)) instance.inputs += 1;
  const problem = attempt(() => instance.apply(decoder(args)).refusal);
  if (problem) reject(instance, name, args, problem);
}

function receiveBatchSignal(instance: Instance, args: Args): void | Promise<void> {
  instance.inputs += 1;
  let batch: readonly Json[] = [];
  const problem = attempt(() => {
    batch = decode.decodeBatch(args);
    return null;
  });
  if (problem) return reject(instance, 'trigger_batch', args, problem);
  const done = instance.forEach(batch, (element) =>
    receiveSignal(instance, 'trigger_next_step', SIGNAL_DECODERS.trigger_next_step, [element]),
  );
  return done instanceof Promise ? done.then(() => undefined) : undefined;
}

/** The problem of a run, or what a `ChatFlowError` says. */
function attempt(run: () => Problem | null): Problem | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof ChatFlowError) return error.toProblem();
    throw error;
  }
}

function reject(instance: Instance, name: string, args: Args, problem: Problem): void {
  const input = args[0] as { readonly trigger_id?: unknown } | null | undefined;
  const id = typeof input?.trigger_id === 'string' ? input.trigger_id.slice(0, 255) : null;
  instance.apply({ type: 'input_rejected', name, problem, trigger_id: id });
}

function registerUpdate(slot: Slot, update: UpdateDefinition<unknown, unknown[]>, decoder: Decoder): void {
  setHandler(
    update,
    (...args) =>
      whenReady(slot, (instance) => {
        const id = updateId();
        return instance.inTurn(() => translating(() => applyUpdate(instance, decoder(args), id)));
      }) as Promise<unknown>,
    {
      validator: (...args) => {
        translating(() => {
          if (slot.refused) throw noInstance(slot);
          const event = decoder(args);
          if (!slot.instance) return;
          if (!RELIEVING.has(update.name)) refuseAtLimit(slot.instance);
          const refusal = slot.instance.foresee(updateId(), event);
          if (refusal) throw toFailure(refusal);
        });
      },
    },
  );
}

function applyUpdate(instance: Instance, event: InstanceEvent, id: string): Json {
  instance.inputs += 1;
  const { reply, refusal } =
    event.type === 'task_claimed'
      ? instance.apply({ ...event, claim_id: newClaimId() })
      : instance.apply(event, id);
  if (refusal) throw toFailure(refusal);
  return reply;
}

/** Of the update whose handler or validator runs. */
function updateId(): string {
  return currentUpdateInfo()?.id ?? '';
}

function registerBatchUpdate(slot: Slot): void {
  setHandler(
    batchUpdate,
    (...args) =>
      whenReady(slot, (instance) =>
        instance.inTurn(() =>
          translating(() => {
            instance.inputs += 1;
            return instance.forEach(decode.decodeBatch(args), (element) => applyElement(instance, element));
          }),
        ),
      ) as Promise<unknown>,
    {
      validator: (...args) => {
        translating(() => {
          if (slot.refused) throw noInstance(slot);
          decode.decodeBatch(args);
          if (slot.instance) refuseAtLimit(slot.instance);
        });
      },
    },
  );
}

/** One trigger of a batch: applied or refused by itself. */
function applyElement(instance: Instance, element: Json): Json {
  let outcome: { readonly reply: Json; readonly refusal: Problem | null } = { reply: null, refusal: null };
  const problem = attempt(() => {
    refuseAtLimit(instance);
    outcome = instance.apply(UPDATE_DECODERS.trigger_next_step([element]));
    return outcome.refusal;
  });
  return problem ? refusedResult(instance, inShort(problem)) : outcome.reply;
}

/** A thousand refusals have to fit into one answer. */
function inShort(problem: Problem): Problem {
  const { type, message, details } = problem;
  const isShort = details !== undefined && jsonSize(details) <= SHORT_DETAILS_BYTES;
  return {
    type,
    message: message.slice(0, SHORT_MESSAGE_CHARS),
    ...(isShort ? { details } : {}),
  };
}

function refusedResult(instance: Instance, problem: Problem): Json {
  const info = viewStatusInfo(instance.state);
  const result: TriggerResult = {
    instance_id: info.instance_id,
    status: info.status,
    previous_phase: info.current_phase,
    current_phase: info.current_phase,
    waiting_for: info.waiting_for,
    applied: false,
    duplicate: false,
    progress: info.progress,
    error: problem,
  };
  return result as unknown as Json;
}

/** Close to the server's limits with work open that forbids continue-as-new. */
function refuseAtLimit(instance: Instance): void {
  const { historyLength, historySize } = workflowInfo();
  const isFull = eventsSize(instance.state) >= HARD_EVENT_BYTES;
  const isLarge = instance.state.engine_version >= 6 && historySize >= HARD_BYTES;
  if (instance.inputs < HARD_INPUTS && historyLength < HARD_EVENTS && !isFull && !isLarge) return;
  throw new ChatFlowError(
    'HistoryLimitError',
    isFull
      ? 'The audit events of this instance are being moved to the artifact store: send again in a moment'
      : 'This run is close to the limits of Temporal: send again once what is open has closed',
    {
      inputs: instance.inputs,
      events: historyLength,
      bytes: historySize,
    },
  );
}

function registerQueries(slot: Slot): void {
  for (const [query, answer] of queries) {
    setHandler(query, (...args) =>
      translating(() => {
        if (slot.instance) return answer(slot.instance, args);
        if (query.name === LEFT_BEHIND) return null;
        throw noInstance(slot);
      }),
    );
  }
}

function preview(instance: Instance, args: Args): Json {
  const { reply, refusal } = instance.preview(UPDATE_DECODERS.trigger_next_step(args));
  return refusal ? refusedResult(instance, refusal) : reply;
}
