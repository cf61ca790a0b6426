/** What steers an instance as a whole: pause, resume, automation level, cancel. */
import type { Json, JsonObject } from '../json/json.js';
import { refuseClosed } from './apply-trigger.js';
import { cancelInstance, endPause } from './end-instance.js';
import { refuse } from './fault.js';
import { findBreach, leftOf } from './quota.js';
import { raiseBelow, shareBelow } from './shared-quota.js';
import { tellChildren } from './tell-children.js';
import { settle } from './settle.js';
import type { Turn } from './turn.js';
import { viewStatusInfo } from './views.js';

/** Whom a pause or a resume is of, beside the instance itself. */
export interface Reach {
  /** All that is open below it, too. */
  readonly tree?: boolean | undefined;
  /** The engine's own, for a quota above: it resumes only what it has paused. From version 7 on. */
  readonly by_quota?: boolean | undefined;
}

/**
 * Pauses: nothing new starts, compensations and `finally` included. A second pause changes nothing, but one that is
 * asked for outlasts that of a quota.
 */
export function pauseInstance(turn: Turn, reason: string | null, reach: Reach = {}): Json {
  refuseClosed(turn.state);
  const { tree, by_quota = false } = reach;
  if (tree) tellChildren(turn, 'pause', { ...toldOf(reach), ...(reason === null ? {} : { reason }) });
  const { paused, engine_version } = turn.state;
  const isUnder = engine_version >= 9 && (by_quota || paused?.above === true);
  const above = isUnder ? ({ above: true } as const) : {};
  if (paused && (by_quota || !(paused.by_quota && engine_version >= 4))) {
    turn.state.paused = { ...paused, ...above };
    return statusReply(turn);
  }
  turn.state.paused = { at: paused?.at ?? turn.at, reason, by_quota, ...above };
  turn.record('workflow_paused', { data: { reason } });
  return statusReply(turn);
}

/** Resumes: clocks go on; `transition` then applies what was held, in its order. */
export function resumeInstance(turn: Turn, reach: Reach = {}): Json {
  refuseClosed(turn.state);
  const isReached = reach.by_quota === true && findBreach(turn.state, turn.at) !== null;
  // Those below wait for this one's quota, then.
  const isPassedOn = turn.state.engine_version < 9 || !isReached;
  if (reach.tree && isPassedOn) tellChildren(turn, 'resume', toldOf(reach));
  if (staysUnderQuota(turn, reach)) return statusReply(turn);
  const { paused } = turn.state;
  if (!paused || (reach.by_quota && (!paused.by_quota || isReached))) return statusReply(turn);
  endPause(turn);
  turn.record('workflow_resumed');
  giveTimeBelow(turn, turn.at - paused.at);
  lookAtOpenTasks(turn);
  settle(turn);
  return statusReply(turn);
}

/**
 * Whom a quota above has paused goes on when that is extended, whoever asks before. A pause that somebody has asked for
 * besides ends by itself.
 */
function staysUnderQuota({ state }: Turn, { tree, by_quota }: Reach): boolean {
  const { paused, parent_instance_id: parent } = state;
  if (!paused?.above) return false;
  if (by_quota) {
    const { above: _lifted, ...rest } = paused;
    state.paused = rest;
    return false;
  }
  if (!paused.by_quota) state.paused = { ...paused, by_quota: true };
  else if (!tree)
    refuse(
      'QuotaExceededError',
      `A quota above this instance is reached: it goes on once that is extended [parent_instance_id=${String(parent)}]`,
      { quota: null, parent_instance_id: parent },
    );
  return true;
}

export function toldOf({ by_quota }: Reach): JsonObject {
  return { tree: true, ...(by_quota ? { by_quota } : {}) };
}

/** The owner's clock stood still: those that share its time have so much more of it. */
function giveTimeBelow(turn: Turn, pausedMs: number): void {
  const { engine_version, resource_quota } = turn.state;
  if (engine_version < 7 || resource_quota.max_duration_sec === undefined || pausedMs === 0) return;
  if (engine_version >= 9) shareBelow(turn, leftOf(turn.state, 'max_duration_sec', turn.at));
  else raiseBelow(turn, { max_duration_sec: pausedMs / 1000 });
}

/** Whatever may have come to be due while nothing could start. */
function lookAtOpenTasks(turn: Turn): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (task.status === 'open' && (task.foreach || task.waits === 'approval' || task.refusal))
      turn.attention.push(task.id);
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
