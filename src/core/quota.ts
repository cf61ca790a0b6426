/** Quotas of one instance. Usage is reported after it is spent, so a quota stops further work. */
import type { ResourceQuota } from '../definition/definition.js';
import type { InstanceState } from './state.js';
import type { Usage } from './shapes.js';
import type { Turn } from './turn.js';

/** Milliseconds of work so far: earlier runs included, pauses not. */
export function elapsedMs(state: InstanceState, at: number): number {
  const end = state.closed_at ?? state.paused?.at ?? at;
  return Math.max(0, end - state.clock.started_at - state.clock.paused_ms) + state.clock.carried_ms;
}

/** Adds what an agent or an executor says it spent. */
export function addUsage(turn: Turn, usage: Usage | undefined): void {
  if (!usage) return;
  const { tokens, cost_usd } = turn.state.usage;
  turn.state.usage = {
    tokens: tokens + (usage.tokens ?? 0),
    cost_usd: roundMicroDollars(cost_usd + (usage.cost_usd ?? 0)),
  };
}

/** Sums of binary fractions drift; a millionth of a dollar is the unit. */
function roundMicroDollars(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

export interface QuotaBreach {
  readonly quota: keyof ResourceQuota;
  readonly limit: number;
  readonly used: number;
}

/** The first quota that is reached, or null. */
export function findBreach(state: InstanceState, at: number): QuotaBreach | null {
  const quota = state.resource_quota;
  const used: readonly [keyof ResourceQuota, number][] = [
    ['max_tokens', state.usage.tokens],
    ['max_cost_usd', state.usage.cost_usd],
    ['max_duration_sec', elapsedMs(state, at) / 1000],
  ];
  for (const [name, amount] of used) {
    const limit = quota[name];
    if (limit !== undefined && amount >= limit) return { quota: name, limit, used: amount };
  }
  return null;
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
