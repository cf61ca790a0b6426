/**
 * Limits that an instance has no quota of its own for: it may use what the one above it has left. Such a limit is its
 * owner's: the owner says what reaching it does, and where the owner's is raised, so is the share.
 */
import type { ResourceQuota } from '../definition/definition.js';
import type { Json } from '../json/json.js';
import type { Grant, LimitsTold, SharedQuota } from './grant.js';
import type { InstanceState } from './state.js';
import type { ChildState } from './child-state.js';
import { elapsedMs, sharesBelow, SUBTRACTED } from './quota.js';
import { childrenOf, openChildrenOf } from './tree-figures.js';
import type { Turn, Writable } from './turn.js';

/** The signal in which a raise travels down: the engine's own. */
export const RAISE_SIGNAL = 'raise_shared_quota';

const SHARED = ['max_tokens', 'max_cost_usd', 'max_duration_sec'] as const;

/** Which limits of a new child are shared. `defaults` are its definition's and the engine's; `quota` is what came of both. */
export function sharedQuota(grant: Grant, defaults: ResourceQuota, quota: ResourceQuota): SharedQuota {
  const shared: Writable<SharedQuota> = {};
  for (const name of SHARED) {
    const left = grant.left[name];
    const own = grant.own[name];
    if (left === undefined || left !== quota[name]) continue;
    // Time passes for all alike: what was asked for bounds it, too.
    if (own !== undefined && name !== 'max_duration_sec') continue;
    const most = own ?? defaults[name];
    if (most !== undefined && most <= left) continue;
    const pauses = grant.pauses?.includes(name) ?? false;
    shared[name] = { pauses, ...(most === undefined ? {} : { most }) };
  }
  return shared;
}

/** Of what is left, what a child shares that has not asked for its own. */
export function sharesOf({ own, left }: Grant): ResourceQuota {
  const shared = SUBTRACTED.filter((name) => own[name] === undefined && left[name] !== undefined);
  return Object.fromEntries(shared.map((name) => [name, left[name]]));
}

/** Whether reaching a limit pauses the instance: its owner decides. */
export function pausesAt({ shared_quota, definition }: InstanceState, name: keyof ResourceQuota): boolean {
  const isOwners = name !== 'max_children' && shared_quota?.[name]?.pauses === true;
  return isOwners || definition.on_quota_exceeded === 'pause';
}

/** The limits of an instance that pause whom they stop, it or those that share them. */
export function pausingLimits(state: InstanceState): readonly (keyof SharedQuota)[] {
  return SHARED.filter((name) => state.resource_quota[name] !== undefined && pausesAt(state, name));
}

/** What limits grow by, where they were limits before. */
export function raiseOf(before: ResourceQuota, after: ResourceQuota): ResourceQuota {
  const by: Writable<ResourceQuota> = {};
  for (const name of SHARED) {
    const [from, to] = [before[name], after[name]];
    if (from !== undefined && to !== undefined && to > from) by[name] = to - from;
  }
  return by;
}

/** What the limits come to where the owner's grew; those that reach a bound of their own are shared no more. */
export function raiseShared(turn: Turn, told: LimitsTold): ResourceQuota {
  const { resource_quota, shared_quota = {} } = turn.state;
  const raised: Writable<ResourceQuota> = {};
  const shared: Writable<SharedQuota> = { ...shared_quota };
  noteAbove(turn, told);
  for (const name of SHARED) {
    const limit = resource_quota[name];
    const share = shared_quota[name];
    const wanted = limit === undefined ? undefined : grown(turn, limit, told, name);
    if (limit === undefined || share === undefined || wanted === undefined) continue;
    const { most = Infinity } = share;
    // It may have been extended by itself, beyond its bound.
    const next = Math.max(limit, Math.min(wanted, most));
    if (next > limit) raised[name] = next;
    if (next >= most) delete shared[name];
  }
  turn.state.shared_quota = shared;
  return raised;
}

function grown(turn: Turn, limit: number, told: LimitsTold, name: keyof SharedQuota): number | undefined {
  const { by, up_to, time_left_sec: left } = told;
  // By its own clock, which may have stood still with the owner's.
  if (name === 'max_duration_sec' && left !== undefined) return elapsedMs(turn.state, turn.at) / 1000 + left;
  const more = turn.state.engine_version < 9 ? by?.[name] : undefined;
  return up_to?.[name] ?? (more === undefined ? undefined : limit + more);
}

/** What those above let it use is known to it, for what is asked of it alone. */
function noteAbove(turn: Turn, told: LimitsTold): void {
  const { quota_above } = turn.state;
  if (quota_above === undefined) return;
  const above: Writable<ResourceQuota> = { ...quota_above };
  for (const name of SHARED) {
    const before = above[name];
    const next = before === undefined ? undefined : grown(turn, before, told, name);
    if (before !== undefined && next !== undefined) above[name] = Math.max(before, next);
  }
  turn.state.quota_above = above;
}

/** An extension of what was set aside for the instance is set aside in its turn: from now on it may be granted further. */
export function confirmGrant(turn: Turn, granted: ResourceQuota): void {
  const confirmed: Writable<ResourceQuota> = { ...turn.state.quota_granted };
  for (const name of SUBTRACTED) {
    const [before, now] = [confirmed[name], granted[name]];
    if (before !== undefined && now !== undefined) confirmed[name] = Math.max(before, now);
  }
  turn.state.quota_granted = confirmed;
  shareBelow(turn);
}

/** An extension is taken back, as far as those above do not have it. What was granted stays. */
export function cutLimits(turn: Turn, cut_to: ResourceQuota): void {
  const { resource_quota, quota_granted = {} } = turn.state;
  const cut: Writable<ResourceQuota> = {};
  for (const name of SUBTRACTED) {
    const [limit, granted, most] = [resource_quota[name], quota_granted[name], cut_to[name]];
    if (limit === undefined || granted === undefined || most === undefined) continue;
    const next = Math.max(granted, Math.min(limit, most));
    if (next < limit) cut[name] = next;
  }
  if (Object.keys(cut).length === 0) return;
  turn.state.resource_quota = { ...resource_quota, ...cut };
  turn.record('quota_cut', { data: { ...cut } });
}

/**
 * Room has come back, or limits have grown: what each child that shares them may come to now, where that is more than it
 * was told. `timeLeft` is told to all that share the time of this instance.
 */
export function shareBelow(turn: Turn, timeLeft?: number): void {
  const shares = SUBTRACTED.map((name) => [name, sharesBelow(turn.state, name)] as const);
  for (const child of openChildrenOf(turn.state)) {
    const up_to: Writable<ResourceQuota> = {};
    for (const [name, of] of shares) {
      const share = of.get(child.id);
      if (share !== undefined && share > (child.share?.[name] ?? 0)) up_to[name] = share;
    }
    const told = { up_to, ...(timeLeft === undefined ? {} : { time_left_sec: timeLeft }) };
    if (Object.keys(up_to).length > 0 || timeLeft !== undefined) tellLimits(turn, child, told);
  }
}

function tellLimits(turn: Turn, child: ChildState, told: LimitsTold): void {
  const { id, stage, request } = child;
  const share = { ...child.share, ...told.up_to };
  if (stage !== 'queued' || request === undefined) {
    turn.putChild({ ...child, share });
    const argument = told as unknown as Json;
    turn.command({ type: 'signal_child', instance_id: id, signal: RAISE_SIGNAL, argument });
    return;
  }
  const { time_left_sec: max_duration_sec } = told;
  const left = {
    ...request.grant.left,
    ...told.up_to,
    ...(max_duration_sec === undefined ? {} : { max_duration_sec }),
  };
  turn.putChild({ ...child, share, request: { ...request, grant: { ...request.grant, left } } });
}

/** Tells all below what a limit of theirs has grown by; those without a share in it pass over it. Before version 9. */
export function raiseBelow(turn: Turn, by: ResourceQuota): void {
  const names = Object.keys(by) as (keyof ResourceQuota)[];
  for (const child of childrenOf(turn.state)) {
    const { id, stage, request, set_aside } = child;
    const shares = names.some((name) => name === 'max_duration_sec' || set_aside?.[name] === undefined);
    if (!shares) continue;
    if (stage === 'queued' && request) {
      const { grant } = request;
      turn.putChild({ ...child, request: { ...request, grant: { ...grant, left: addTo(grant.left, by) } } });
    } else if (stage !== 'closed')
      turn.command({ type: 'signal_child', instance_id: id, signal: RAISE_SIGNAL, argument: { ...by } });
  }
}

function addTo(left: ResourceQuota, by: ResourceQuota): ResourceQuota {
  const sum: Writable<ResourceQuota> = { ...left };
  for (const name of SHARED) {
    const [there, more] = [left[name], by[name]];
    if (there !== undefined && more !== undefined) sum[name] = there + more;
  }
  return sum;
}
