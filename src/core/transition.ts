/**
 * The interpreter: `transition(state, event)` gives the next state and the commands. Pure and total:
 * T1  the state that came in is never changed;
 * T2  a refusal changes nothing, and has no commands;
 * T3  no event throws: what no rule foresees fails the instance with `InternalError`, it never blocks it;
 * T4  the state stays within 1 MiB of JSON: an input that would pass it is refused, a result fails its task.
 */
import type { Json } from '../json/json.js';
import { ExpressionFailure } from '../expression/index.js';
import { applyTrigger, refuseClosed } from './apply-trigger.js';
import { isCompensation, receiveResult } from './apply-result.js';
import { claimTask, extendLease, releaseTask } from './claims.js';
import type { Transition } from './command.js';
import { firstPhase } from './definition-index.js';
import { closeAsFailed, failInstance } from './end-instance.js';
import { ChatFlowError, type Problem } from './errors.js';
import type { CoreEvent } from './event.js';
import { extendQuota, raiseQuota } from './extend-quota.js';
import {
  pauseInstance,
  requestCancel,
  resumeInstance,
  setAutomationLevel,
  statusReply,
} from './lifecycle.js';
import { holdWindows, releaseWindows } from './held-windows.js';
import { LIMITS } from './limits.js';
import { passDeadlines } from './pass-deadlines.js';
import { armDuration } from './quota.js';
import { judgeGrowth, outgrows } from './refuse-growth.js';
import { slowReports } from './report-pace.js';
import { reportUp } from './report-up.js';
import { replayHeld } from './replay-held.js';
import { receiveChild, receiveReport } from './receive-child.js';
import { requestChild } from './request-child.js';
import { confirmStart, redrawId } from './start-child.js';
import { messageChild, publishToParent, receiveMessage, sendWaitingMessages } from './messages.js';
import { retryInstance, retryTask } from './retry-instance.js';
import { rewindInstance } from './rewind.js';
import { settle } from './settle.js';
import type { InstanceState } from './state.js';
import { Turn } from './turn.js';

/** Applies one event. `refusal` says why an input was not accepted; then nothing has happened. */
export function transition(state: InstanceState, event: CoreEvent): Transition<InstanceState> {
  const outcome = apply(state, event);
  return outcome.refusal ? outcome : replayHeld(outcome, event.at, apply);
}

function apply(state: InstanceState, event: CoreEvent): Transition<InstanceState> {
  const outcome = run(state, event);
  if (outcome.refusal || !outgrows(state, outcome.state)) return outcome;
  const growth = judgeGrowth(event, state, outcome.state);
  switch (growth.type) {
    case 'accept':
      return outcome;
    case 'refuse':
      return { state, commands: [], reply: null, refusal: growth.problem, cost: outcome.cost };
    case 'replace':
      return apply(state, growth.event);
    case 'fail_instance':
      return finish(...failIn(new Turn(state, event.at), event, growth.problem));
  }
}

function run(state: InstanceState, event: CoreEvent): Transition<InstanceState> {
  const turn = new Turn(state, event.at);
  try {
    const reply = dispatch(turn, event);
    return finish(turn, reply);
  } catch (error) {
    if (error instanceof ChatFlowError)
      return { state, commands: [], reply: null, refusal: error.toProblem(), cost: costOf(turn) };
    return finish(...failUnforeseen(state, event, error));
  }
}

function finish(turn: Turn, reply: Json): Transition<InstanceState> {
  turn.state.updated_at = turn.at;
  reportUp(turn);
  return { state: turn.state, commands: turn.commands, reply, refusal: null, cost: costOf(turn) };
}

/** What every event takes beside its expressions; and such that no task starts much more than `startedBytes`. */
const EVENT_UNITS = 10_000;
const UNITS_PER_BYTE = Math.ceil(LIMITS.taskUnits / LIMITS.startedBytes);

function costOf({ budget, startedBytes }: Turn): number {
  return EVENT_UNITS + budget.spent + startedBytes * UNITS_PER_BYTE;
}

/** T3: whatever was done in the failed turn is dropped; a fresh one fails the instance. */
function failUnforeseen(state: InstanceState, event: CoreEvent, error: unknown): [Turn, Json] {
  const turn = new Turn(state, event.at);
  if (state.closed_at !== null) return [turn, null];
  const reason = error instanceof Error ? error.message : String(error);
  const type =
    error instanceof ExpressionFailure || /stack|recursion/i.test(reason)
      ? 'ExpressionError'
      : 'InternalError';
  return failIn(turn, event, {
    type,
    message: `The interpreter could not apply ${event.type}: ${reason}`,
    details: { event: event.type },
  });
}

/** Fails the instance in a fresh turn: of the event only that it has come is left. */
function failIn(turn: Turn, event: CoreEvent, problem: Problem): [Turn, Json] {
  const { state } = turn;
  try {
    countOff(turn, event);
    failInstance(turn, problem, {});
    settle(turn);
    return [turn, null];
  } catch {
    // Not even the way to a graceful end is left: the instance closes as failed, with the first reason.
    const last = new Turn(state, event.at);
    countOff(last, event);
    closeAsFailed(last, problem);
    return [last, null];
  }
}

/** A result has ended its activity, and an alarm has rung, whatever else went wrong. */
function countOff(turn: Turn, event: CoreEvent): void {
  if (event.type === 'activity_completed' || event.type === 'activity_failed') {
    turn.state.running_activities = Math.max(0, turn.state.running_activities - 1);
    if (isCompensation(event.key)) turn.state.compensation_running = false;
  }
  const child = event.type === 'child_closed' ? turn.state.children?.[event.instance_id] : undefined;
  if (child && event.type === 'child_closed')
    turn.putChild({ ...child, stage: 'closed', status: event.status });
  if (event.type !== 'deadline_passed') return;
  for (const [key, { at }] of Object.entries(turn.state.deadlines))
    if (at <= event.due) turn.clearDeadline(key);
}

function dispatch(turn: Turn, event: CoreEvent): Json {
  switch (event.type) {
    case 'instance_started':
      return startInstance(turn);
    case 'trigger_received':
      return applyTrigger(turn, event) as unknown as Json;
    case 'input_rejected':
      return recordRefusal(turn, event);
    case 'task_claimed':
      return claimTask(turn, event);
    case 'lease_extended':
      return extendLease(turn, event);
    case 'task_released':
      return releaseTask(turn, event);
    case 'artifacts_recorded':
      return recordArtifacts(turn, event);
    case 'pause_requested':
    case 'resume_requested':
    case 'automation_level_set':
    case 'quota_extended':
    case 'rewind_requested':
    case 'task_retried':
    case 'retry_requested':
    case 'cancel_requested':
      return dispatchSteering(turn, event);
    case 'activity_completed':
    case 'activity_failed':
      receiveResult(turn, event);
      return null;
    case 'quota_raised':
      raiseQuota(turn, event);
      return null;
    case 'reports_slowed':
      slowReports(turn, event.sec);
      return null;
    case 'subworkflow_requested':
    case 'child_started':
    case 'child_id_taken':
    case 'child_closed':
    case 'child_reported':
    case 'message_received':
    case 'publish_requested':
    case 'message_requested':
      return dispatchInTree(turn, event);
    case 'deadline_passed':
      passDeadlines(turn, event.due);
      settle(turn);
      return null;
    case 'history_archived':
      archiveHistory(turn, event);
      return null;
    case 'drain_requested':
      return drain(turn, event.windows);
    case 'run_continued':
      return goOn(turn);
  }
}

function recordRefusal(turn: Turn, event: Extract<CoreEvent, { type: 'input_rejected' }>): Json {
  const { type, message } = event.problem;
  turn.record('trigger_rejected', {
    data: { input: event.name, trigger_id: event.trigger_id, type, message },
  });
  return null;
}

type SteeringEvent = Extract<
  CoreEvent,
  {
    type:
      | 'pause_requested'
      | 'resume_requested'
      | 'automation_level_set'
      | 'quota_extended'
      | 'rewind_requested'
      | 'task_retried'
      | 'retry_requested'
      | 'cancel_requested';
  }
>;

/** What steers the instance as a whole. */
function dispatchSteering(turn: Turn, event: SteeringEvent): Json {
  switch (event.type) {
    case 'pause_requested':
      return pauseInstance(turn, event.reason, event);
    case 'resume_requested':
      return resumeInstance(turn, event);
    case 'automation_level_set':
      return setAutomationLevel(turn, event.level);
    case 'quota_extended':
      return extendQuota(turn, event.quota);
    case 'rewind_requested':
      return rewindInstance(turn, event.request) as unknown as Json;
    case 'task_retried':
      return retryTask(turn, event.request);
    case 'retry_requested':
      return retryInstance(turn, event.request);
    case 'cancel_requested':
      return requestCancel(turn, event.reason);
  }
}

type TreeEvent = Extract<CoreEvent, { type: `${'child' | 'message' | 'publish' | 'subworkflow'}_${string}` }>;

/** What comes from those above and below, and what is sent to them. */
function dispatchInTree(turn: Turn, event: TreeEvent): Json {
  switch (event.type) {
    case 'subworkflow_requested':
      return requestChild(turn, event);
    case 'child_started':
      confirmStart(turn, event.instance_id);
      sendWaitingMessages(turn, event.instance_id);
      return null;
    case 'child_id_taken':
      redrawId(turn, event.instance_id);
      settle(turn);
      return null;
    case 'child_closed':
      receiveChild(turn, event);
      return null;
    case 'child_reported':
      receiveReport(turn, event);
      return null;
    case 'message_received':
      receiveMessage(turn, event);
      return null;
    case 'publish_requested':
      return publishToParent(turn, event.data);
    case 'message_requested':
      return messageChild(turn, event);
  }
}

/** In a new run there is room for what waited for it, the elements of a foreach of children too. */
function goOn(turn: Turn): Json {
  turn.state.draining = false;
  delete turn.state.heard_reports;
  releaseWindows(turn);
  settle(turn);
  return null;
}

function drain(turn: Turn, windows: boolean | undefined): Json {
  if (windows === undefined) turn.state.draining = true;
  else if (windows) holdWindows(turn);
  else {
    releaseWindows(turn);
    settle(turn);
  }
  return null;
}

function startInstance(turn: Turn): Json {
  const { definition } = turn;
  turn.record('instance_created', {
    data: { schema: `${definition.name}@${definition.version}`, digest: turn.state.definition_digest },
  });
  const first = turn.state.engine_version < 3 ? definition.phases[0] : firstPhase(definition);
  if (!first) throw new Error('the definition has no phases');
  turn.state.entry = { phase: first.name };
  armDuration(turn);
  settle(turn);
  return statusReply(turn);
}

function recordArtifacts(turn: Turn, event: Extract<CoreEvent, { type: 'artifacts_recorded' }>): Json {
  refuseClosed(turn.state);
  for (const ref of event.refs) turn.append('artifacts', ref);
  turn.record('artifacts_recorded', {
    data: {
      artifacts: event.refs.map(({ name, kind, sha256, size_bytes }) => ({ name, kind, sha256, size_bytes })),
    },
  });
  return statusReply(turn);
}

function archiveHistory(turn: Turn, event: Extract<CoreEvent, { type: 'history_archived' }>): void {
  const first = turn.state.events[0]?.seq;
  if (first === undefined || first > event.last_seq) return;
  turn.append('segments', { first_seq: first, last_seq: event.last_seq, ref: event.ref });
  turn.replace(
    'events',
    turn.state.events.filter((entry) => entry.seq > event.last_seq),
  );
}
