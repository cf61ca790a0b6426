/**
 * Limits that an instance has no quota of its own for: it may use what the one above it has left. Such a limit is its
 * owner's: the owner says what reaching it does, and where the owner's is raised, so is the share.
 */
import type { ResourceQuota } from '../definition/definition.js';
import type { Grant, LimitsTold, SharedQuota } from './grant.js';
import type { InstanceState } from './state.js';
import type { ChildState } from './child-state.js';
import { sharesBelow, SUBTRACTED } from './quota.js';
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
    const wanted = limit === undefined ? undefined : grown(limit, told, name);
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

function grown(limit: number, { by, up_to }: LimitsTold, name: keyof SharedQuota): number | undefined {
  const more = by?.[name];
  return up_to?.[name] ?? (more === undefined ? undefined : limit + more);
}

/** What those above let it use is known to it, for what is asked of it alone. */
function noteAbove(turn: Turn, told: LimitsTold): void {
  const { quota_above } = turn.state;
  if (quota_above === undefined) return;
  const above: Writable<ResourceQuota> = { ...quota_above };
  for (const name of SHARED) {
    const before = above[name];
    const next = before === undefined ? undefined : grown(before, told, name);
    if (before !== undefined && next !== undefined) above[name] = Math.max(before, next);
  }
  turn.state.quota_above = above;
}

/**
 * An extension of what was set aside for the instance is taken back, as far as those above do not have it; from those that
 * share it below, too. What it was granted at first stays.
 */
export function cutLimits(turn: Turn, cut_to: ResourceQuota): void {
  const { resource_quota, quota_granted, quota_above } = turn.state;
  const cut: Writable<ResourceQuota> = {};
  for (const name of SUBTRACTED) {
    const [limit, most] = [resource_quota[name], cut_to[name]];
    if (limit === undefined || most === undefined) continue;
    const next = Math.max(quota_granted?.[name] ?? 0, Math.min(limit, most));
    if (next < limit) cut[name] = next;
  }
  if (quota_above) turn.state.quota_above = lowest(quota_above, cut_to);
  if (Object.keys(cut).length === 0) return;
  turn.state.resource_quota = { ...resource_quota, ...cut };
  turn.record('quota_cut', { data: { ...cut } });
  tellShares(turn, (share, told) => share < told, {});
}

function lowest(above: ResourceQuota, cut_to: ResourceQuota): ResourceQuota {
  const entries = SUBTRACTED.flatMap((name) => {
    const [limit, most] = [above[name], cut_to[name]];
    return limit === undefined || most === undefined ? [] : [[name, Math.min(limit, most)]];
  });
  return { ...above, ...(Object.fromEntries(entries) as ResourceQuota) };
}

/** Room has come back, or limits have grown: what each child that shares them may come to now, where that is more. */
export function shareBelow(turn: Turn, time?: number): void {
  tellShares(turn, (share, told) => share > told, time === undefined ? {} : { max_duration_sec: time });
}

/** Tells children what they may come to, where that is news. */
function tellShares(turn: Turn, isNews: (share: number, told: number) => boolean, by: ResourceQuota): void {
  const shares = SUBTRACTED.map((name) => [name, sharesBelow(turn.state, name)] as const);
  for (const child of openChildrenOf(turn.state)) {
    const to: Writable<ResourceQuota> = {};
    for (const [name, of] of shares) {
      const share = of.get(child.id);
      if (share !== undefined && isNews(share, child.share?.[name] ?? 0)) to[name] = share;
    }
    if (Object.keys(by).length + Object.keys(to).length > 0) tellLimits(turn, child, by, to);
  }
}

function tellLimits(turn: Turn, child: ChildState, by: ResourceQuota, to: ResourceQuota): void {
  const { id, stage, request } = child;
  const share = { ...child.share, ...to };
  if (stage !== 'queued' || request === undefined) {
    const isLess = SUBTRACTED.some((name) => (to[name] ?? Infinity) < (child.share?.[name] ?? 0));
    const argument = isLess ? { cut_to: { ...to } } : { by: { ...by }, up_to: { ...to } };
    turn.putChild({ ...child, share });
    turn.command({ type: 'signal_child', instance_id: id, signal: RAISE_SIGNAL, argument });
    return;
  }
  const left = { ...addTo(request.grant.left, by), ...to };
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
