/**
 * Quotas: they bound an instance with all below it. Usage is reported after it is spent, so a quota stops further work.
 * What is set aside for a child is out of its parent's remainder at once; what it did not use comes back at its end.
 */
import type { ResourceQuota } from '../definition/definition.js';
import { roundDollars, roundMicroDollars } from './money.js';
import type { ChildState, TreeFigures } from './child-state.js';
import type { InstanceState } from './state.js';
import type { Usage } from './shapes.js';
import { childrenOf, figuresOf, figuresOfChild, openChildrenOf } from './tree-figures.js';
import type { Turn } from './turn.js';

/** Limits of amounts that are used up: what one child has of them, no other has. */
export const SUBTRACTED = ['max_tokens', 'max_cost_usd'] as const;
type Subtracted = (typeof SUBTRACTED)[number];

/** Milliseconds of work so far: earlier runs included, pauses not. */
export function elapsedMs(state: InstanceState, at: number): number {
  const end = state.closed_at ?? state.paused?.at ?? at;
  return Math.max(0, end - state.clock.started_at - state.clock.paused_ms) + state.clock.carried_ms;
}

/** Adds what an agent or an executor says it spent. Tokens without a price are told apart, not taken for free. */
export function addUsage(turn: Turn, usage: Usage | undefined): void {
  if (!usage) return;
  const { tokens, cost_usd, unpriced_tokens = 0 } = turn.state.usage;
  const round = turn.state.engine_version < 9 ? roundMicroDollars : roundDollars;
  const unpriced = unpriced_tokens + (usage.cost_usd === undefined ? (usage.tokens ?? 0) : 0);
  turn.state.usage = {
    tokens: tokens + (usage.tokens ?? 0),
    cost_usd: round(cost_usd + (usage.cost_usd ?? 0)),
    ...(unpriced === 0 ? {} : { unpriced_tokens: unpriced }),
  };
}

export interface QuotaBreach {
  readonly quota: keyof ResourceQuota;
  readonly limit: number;
  readonly used: number;
}

/** The first quota that is reached, or null. */
export function findBreach(state: InstanceState, at: number): QuotaBreach | null {
  const quota = state.resource_quota;
  for (const name of ['max_tokens', 'max_cost_usd', 'max_duration_sec'] as const) {
    const limit = quota[name];
    if (limit === undefined) continue;
    const used = usedOf(state, name, at);
    if (used >= limit) return { quota: name, limit, used };
  }
  return null;
}

/** How much of a quota has been used: by the instance and all below it; of children, how many it ever had. */
export function usedOf(state: InstanceState, name: keyof ResourceQuota, at: number): number {
  switch (name) {
    case 'max_tokens':
      return figuresOf(state).tokens;
    case 'max_cost_usd':
      return figuresOf(state).cost_usd;
    case 'max_duration_sec':
      return elapsedMs(state, at) / 1000;
    case 'max_children':
      return state.child_count ?? 0;
  }
}

/** What is left of a quota and not set aside; never below 0, undefined where nothing bounds it. */
export function leftOf(state: InstanceState, name: keyof ResourceQuota, at: number): number | undefined {
  const free = freeOf(state, name, at);
  return free === undefined ? undefined : rounded(Math.max(0, free), name);
}

/** What open children have been granted of their own and not yet used, and what those that share have set aside below. */
function setAside(state: InstanceState, name: keyof ResourceQuota): number {
  if (!isSubtracted(name)) return 0;
  return childrenOf(state).reduce((sum, child) => sum + heldBy(state, child, name), 0);
}

/** What those still have that were asked to end: it comes back with their close. */
export function heldByEnding(state: InstanceState, name: Subtracted): number {
  const ending = openChildrenOf(state).filter((child) => child.ending);
  return ending.reduce((sum, child) => sum + heldBy(state, child, name), 0);
}

function heldBy(state: InstanceState, child: ChildState, name: Subtracted): number {
  if (child.stage === 'closed') return 0;
  const granted = child.set_aside?.[name];
  if (granted === undefined) return child.report?.reserved?.[name] ?? 0;
  return Math.max(0, granted - spentOf(figuresOfChild(state, child), name));
}

/** What of a limit is set aside below this instance, for the one above, who shares it. */
export function reservedIn(state: InstanceState): ResourceQuota | undefined {
  const reserved = SUBTRACTED.flatMap((name) => {
    const amount = setAside(state, name);
    return amount > 0 ? [[name, rounded(amount, name)]] : [];
  });
  return reserved.length === 0 ? undefined : (Object.fromEntries(reserved) as ResourceQuota);
}

/** What is neither used nor set aside of a limit: below 0 where more was spent than there was. */
export function freeOf(state: InstanceState, name: keyof ResourceQuota, at: number): number | undefined {
  const limit = firmLimit(state, name);
  return limit === undefined ? undefined : limit - takenOf(state, name, at);
}

/** What is used and set aside: above the limit where more was spent than there was. */
export function takenOf(state: InstanceState, name: keyof ResourceQuota, at: number): number {
  return rounded(usedOf(state, name, at) + setAside(state, name), name);
}

/** An extension of what was set aside is no one's to grant before the one above has set it aside. */
function firmLimit(
  { resource_quota, quota_granted }: InstanceState,
  name: keyof ResourceQuota,
): number | undefined {
  const limit = resource_quota[name];
  const granted = isSubtracted(name) ? quota_granted?.[name] : undefined;
  return limit === undefined || granted === undefined ? limit : Math.min(limit, granted);
}

/** What each child that shares a limit may come to, as things are: all but what others have used or been granted of it. */
export function sharesBelow(state: InstanceState, name: Subtracted): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  const free = freeOf(state, name, 0);
  if (free === undefined) return shares;
  for (const child of openChildrenOf(state)) {
    if (child.set_aside?.[name] !== undefined) continue;
    const own = spentOf(figuresOfChild(state, child), name) + heldBy(state, child, name);
    shares.set(child.id, rounded(Math.max(0, free + own), name));
  }
  return shares;
}

function rounded(amount: number, name: keyof ResourceQuota): number {
  return name === 'max_cost_usd' ? roundDollars(amount) : amount;
}

function isSubtracted(name: keyof ResourceQuota): name is Subtracted {
  return (SUBTRACTED as readonly string[]).includes(name);
}

function spentOf({ tokens, cost_usd }: TreeFigures, name: Subtracted): number {
  return name === 'max_tokens' ? tokens : cost_usd;
}

/** Sets the durable timer of `max_duration_sec` to what is left of it. */
export function armDuration(turn: Turn): void {
  const limit = turn.state.resource_quota.max_duration_sec;
  if (limit === undefined) return;
  const leftMs = Math.max(0, limit * 1000 - elapsedMs(turn.state, turn.at));
  // In a pause the clock stands where it began; the resume moves every deadline on.
  const now = turn.state.paused?.at ?? turn.at;
  turn.setDeadline('duration', { at: now + Math.ceil(leftMs), kind: 'duration' });
}
