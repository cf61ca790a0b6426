/** Limits that are raised while an instance runs: by whoever asks for it, by a retry, by the one above. */
import type { ResourceQuota } from '../definition/definition.js';
import type { Json } from '../json/json.js';
import { describeRange, isInRange, NUMBER_RANGES } from '../json/number-ranges.js';
import { refuseClosed } from './apply-trigger.js';
import { refuse } from './fault.js';
import type { LimitsTold } from './grant.js';
import { resumeInstance, statusReply, toldOf } from './lifecycle.js';
import { armDuration, findBreach, leftOf, usedOf } from './quota.js';
import { settle } from './settle.js';
import { confirmGrant, cutLimits, raiseBelow, raiseOf, raiseShared, shareBelow } from './shared-quota.js';
import { tellChildren } from './tell-children.js';
import type { Turn } from './turn.js';

/** Raises limits; an instance that its quota paused goes on. */
export function extendQuota(turn: Turn, quota: ResourceQuota): Json {
  refuseClosed(turn.state);
  if (turn.state.engine_version >= 6) refuseLower(turn.state.resource_quota, quota);
  if (turn.state.engine_version >= 9) {
    refuseFractions(quota);
    refuseBeyond(turn, quota);
    refuseUsedUp(turn, withoutKnown(quota, turn.state.resource_quota));
  }
  setLimits(turn, quota);
  return statusReply(turn);
}

/** The same as a part of a retry. */
export function extendForRetry(turn: Turn, quota: ResourceQuota): void {
  if (turn.state.engine_version >= 9) refuseFractions(quota);
  if (turn.state.engine_version < 7) {
    turn.state.resource_quota = { ...turn.state.resource_quota, ...quota };
    return;
  }
  refuseLower(turn.state.resource_quota, quota);
  setLimits(turn, quota);
}

/** The one above has raised what this instance shares with it. */
export function raiseQuota(turn: Turn, told: LimitsTold): void {
  const { closed_at, engine_version, parent_instance_id } = turn.state;
  if (closed_at !== null) return;
  if (engine_version >= 9 && parent_instance_id === null)
    refuse('InvalidInputError', 'Limits are told by the instance above, and there is none');
  if (told.granted) confirmGrant(turn, told.granted);
  if (told.cut_to) cutLimits(turn, told.cut_to);
  const quota = raiseShared(turn, told);
  if (Object.keys(quota).length > 0) setLimits(turn, quota);
  else if (engine_version >= 9) settle(turn);
}

function setLimits(turn: Turn, quota: ResourceQuota): void {
  const { resource_quota: before, engine_version } = turn.state;
  const wasReached = findBreach(turn.state, turn.at) !== null;
  turn.state.resource_quota = { ...before, ...quota };
  turn.record('quota_extended', { data: { ...quota } });
  const by = raiseOf(before, turn.state.resource_quota);
  const timeLeft =
    by.max_duration_sec === undefined ? undefined : leftOf(turn.state, 'max_duration_sec', turn.at);
  if (engine_version >= 9) shareBelow(turn, timeLeft);
  else if (engine_version >= 7) raiseBelow(turn, by);
  goOnWithRoom(turn, wasReached);
  if (quota.max_duration_sec !== undefined) armDuration(turn);
  settle(turn);
}

/** What a quota has paused goes on where there is room again; a pause that was asked for stands. */
function goOnWithRoom(turn: Turn, wasReached: boolean): void {
  const { paused, engine_version } = turn.state;
  if (findBreach(turn.state, turn.at) || paused?.above) return;
  if (paused?.by_quota)
    resumeInstance(turn, { tree: true, ...(engine_version < 7 ? {} : { by_quota: true }) });
  else if (wasReached && engine_version >= 7) tellChildren(turn, 'resume', toldOf({ by_quota: true }));
}

/** Tokens and children are counted. */
export function refuseFractions(quota: ResourceQuota): void {
  for (const name of ['max_tokens', 'max_children'] as const) {
    const given = quota[name];
    if (given !== undefined && !isInRange(given, NUMBER_RANGES.count))
      refuse('InvalidInputError', `${name} must be ${describeRange(NUMBER_RANGES.count)}, not ${given}`, {
        quota: name,
        requested: given,
      });
  }
}

/** What is not the instance's own is extended where it is: an owner's raise reaches all that share it. */
function refuseBeyond({ state, at }: Turn, quota: ResourceQuota): void {
  for (const [name, requested] of Object.entries(quota) as [keyof ResourceQuota, number][]) {
    const limit = state.quota_above?.[name];
    if (limit === undefined || requested <= limit) continue;
    const used = usedOf(state, name, at);
    const { parent_instance_id, instance_id } = state;
    refuse(
      'QuotaExceededError',
      `The instance above lets this one use ${limit} of ${name}, and ${requested} is more: extend the quota of ${String(parent_instance_id)} [instance_id=${instance_id}]`,
      { quota: name, limit, used, requested },
    );
  }
}

/** Limits that there were none of before: a step on the way up from one that pauses is fine. */
function withoutKnown(quota: ResourceQuota, known: ResourceQuota): ResourceQuota {
  return Object.fromEntries(
    Object.entries(quota).filter(([name]) => known[name as keyof ResourceQuota] === undefined),
  );
}

/** What is used up already would end at once what it was meant to let go on. */
export function refuseUsedUp({ state, at }: Turn, quota: ResourceQuota): void {
  for (const [name, requested] of Object.entries(quota) as [keyof ResourceQuota, number][]) {
    const used = usedOf(state, name, at);
    if (name === 'max_children' || requested > used) continue;
    refuse(
      'QuotaExceededError',
      `${used} of ${name} are used already, and ${requested} is no more than that`,
      {
        quota: name,
        limit: state.resource_quota[name] ?? null,
        used,
        requested,
      },
    );
  }
}

/** A limit that was lowered below what is used would end what it was meant to save. */
export function refuseLower(limits: ResourceQuota, quota: ResourceQuota): void {
  for (const [name, wanted] of Object.entries(quota) as [keyof ResourceQuota, number][]) {
    const limit = limits[name];
    if (limit !== undefined && wanted < limit)
      refuse('InvalidInputError', `A quota is only raised: ${name} is ${limit}, and ${wanted} is less`, {
        quota: name,
        limit,
        requested: wanted,
      });
  }
}
