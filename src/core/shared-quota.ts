/**
 * Limits that an instance has no quota of its own for: it may use what the one above it has left. Such a limit is its
 * owner's: the owner says what reaching it does, and where the owner's is raised, so is the share.
 */
import type { ResourceQuota } from '../definition/definition.js';
import type { Grant, SharedQuota } from './grant.js';
import type { InstanceState } from './state.js';
import { childrenOf } from './tree-figures.js';
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
export function raiseShared(turn: Turn, by: ResourceQuota): ResourceQuota {
  const { resource_quota, shared_quota = {} } = turn.state;
  const raised: Writable<ResourceQuota> = {};
  const shared: Writable<SharedQuota> = { ...shared_quota };
  for (const name of SHARED) {
    const limit = resource_quota[name];
    const share = shared_quota[name];
    const more = by[name];
    if (limit === undefined || share === undefined || more === undefined) continue;
    const { most = Infinity } = share;
    // It may have been extended by itself, beyond its bound.
    const next = Math.max(limit, Math.min(limit + more, most));
    if (next > limit) raised[name] = next;
    if (next >= most) delete shared[name];
  }
  turn.state.shared_quota = shared;
  return raised;
}

/** Tells all below what a limit of theirs has grown by; those without a share in it pass over it. */
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
