/** What steers an instance as a whole: pause, resume, automation level, quota, cancel. */
import type { ResourceQuota } from '../definition/definition.js';
import type { Json } from '../json/json.js';
import { refuseClosed } from './apply-trigger.js';
import { cancelInstance, endPause } from './end-instance.js';
import { refuse } from './fault.js';
import { armDuration, findBreach } from './quota.js';
import { raiseBelow, raiseOf, raiseShared } from './shared-quota.js';
import { tellChildren } from './tell-children.js';
import { settle } from './settle.js';
import type { Turn } from './turn.js';
import { viewStatusInfo } from './views.js';

/**
 * Pauses: nothing new starts, compensations and `finally` included. A second pause changes nothing, but one that is
 * asked for outlasts that of a quota.
 */
export function pauseInstance(turn: Turn, reason: string | null, tree = false): Json {
  refuseClosed(turn.state);
  if (tree) tellChildren(turn, 'pause', { tree, ...(reason === null ? {} : { reason }) });
  const { paused, engine_version } = turn.state;
  if (paused && !(paused.by_quota && engine_version >= 4)) return statusReply(turn);
  turn.state.paused = { at: paused?.at ?? turn.at, reason, by_quota: false };
  turn.record('workflow_paused', { data: { reason } });
  return statusReply(turn);
}

/** Resumes: clocks go on; `transition` then applies what was held, in its order. */
export function resumeInstance(turn: Turn, tree = false): Json {
  refuseClosed(turn.state);
  if (tree) tellChildren(turn, 'resume', { tree });
  if (!turn.state.paused) return statusReply(turn);
  endPause(turn);
  turn.record('workflow_resumed');
  lookAtOpenTasks(turn);
  settle(turn);
  return statusReply(turn);
}

/** Whatever may have come to be due while nothing could start. */
function lookAtOpenTasks(turn: Turn): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (task.status === 'open' && (task.foreach || task.waits === 'approval')) turn.attention.push(task.id);
  }
}

/** Sets the automation level, and decides again what waits for a person. */
export function setAutomationLevel(turn: Turn, level: number): Json {
  refuseClosed(turn.state);
  const before = turn.state.automation_level;
  turn.state.automation_level = level;
  turn.record('automation_level_set', { data: { level, before } });
  lookAtOpenTasks(turn);
  settle(turn);
  return statusReply(turn);
}

/** Raises limits; an instance that its quota paused goes on. */
export function extendQuota(turn: Turn, quota: ResourceQuota): Json {
  refuseClosed(turn.state);
  if (turn.state.engine_version >= 6) refuseLower(turn.state.resource_quota, quota);
  setLimits(turn, quota);
  return statusReply(turn);
}

/** The one above has raised what this instance shares with it. */
export function raiseQuota(turn: Turn, by: ResourceQuota): void {
  if (turn.state.closed_at !== null) return;
  const quota = raiseShared(turn, by);
  if (Object.keys(quota).length > 0) setLimits(turn, quota);
}

function setLimits(turn: Turn, quota: ResourceQuota): void {
  const { resource_quota: before, engine_version } = turn.state;
  turn.state.resource_quota = { ...before, ...quota };
  turn.record('quota_extended', { data: { ...quota } });
  if (engine_version >= 7) raiseBelow(turn, raiseOf(before, turn.state.resource_quota));
  if (turn.state.paused?.by_quota && !findBreach(turn.state, turn.at)) resumeInstance(turn, true);
  if (quota.max_duration_sec !== undefined) armDuration(turn);
  settle(turn);
}

/** A limit that was lowered below what is used would end what it was meant to save. */
function refuseLower(limits: ResourceQuota, quota: ResourceQuota): void {
  for (const [name, wanted] of Object.entries(quota) as [keyof ResourceQuota, number][]) {
    const limit = limits[name];
    if (limit !== undefined && wanted < limit)
      refuse('InvalidInputError', `extend_quota raises limits: ${name} is ${limit}, and ${wanted} is less`, {
        quota: name,
        limit,
        requested: wanted,
      });
  }
}

/** Cancels gracefully, which ends a pause; an instance that is ending already keeps its outcome. */
export function requestCancel(turn: Turn, reason: string | null): Json {
  refuseClosed(turn.state);
  turn.record('cancel_requested', { data: { reason } });
  cancelInstance(turn, reason);
  settle(turn);
  return statusReply(turn);
}

/** The answer of every call that steers: WorkflowStatusInfo. */
export function statusReply(turn: Turn): Json {
  return viewStatusInfo(turn.state) as unknown as Json;
}
