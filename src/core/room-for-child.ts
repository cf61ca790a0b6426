/** A task that got no child for want of a quota, and whether it gets one yet. */
import type { ResourceQuota } from '../definition/definition.js';
import { isJsonObject, type Json } from '../json/json.js';
import type { Problem } from './errors.js';
import { freeOf, heldByEnding } from './quota.js';
import { pausesAt } from './shared-quota.js';
import type { InstanceState } from './state.js';
import type { Turn } from './turn.js';

/**
 * Whether a task got no child for now, and may get one later, from version 9 on: once the quota is extended that pauses,
 * or once a child has closed that was asked to end and still has what was set aside for it.
 */
export function waitsForRoom(turn: Turn, problem: Problem): boolean {
  return waitsForExtension(turn, problem) || waitsForEnd(turn, problem);
}

/** There may be no more children, where that pauses. */
export function waitsForExtension({ state }: Turn, problem: Problem): boolean {
  return quotaOf(state, problem) === 'max_children' && pausesAt(state, 'max_children');
}

function waitsForEnd(turn: Turn, problem: Problem): boolean {
  const name = quotaOf(turn.state, problem);
  if (name !== 'max_tokens' && name !== 'max_cost_usd') return false;
  const ending = heldByEnding(turn.state, name);
  return ending > 0 && fits(turn, problem, name, ending);
}

/** Whether there is room by now for what was refused. */
export function hasRoom(turn: Turn, problem: Problem): boolean {
  const name = quotaOf(turn.state, problem);
  return (name === 'max_tokens' || name === 'max_cost_usd') && fits(turn, problem, name, 0);
}

function fits({ state, at }: Turn, { details }: Problem, name: keyof ResourceQuota, more: number): boolean {
  const requested = isJsonObject(details) ? Number(details['requested']) : 0;
  const left = (freeOf(state, name, at) ?? Infinity) + more;
  return left > 0 && left >= requested;
}

function quotaOf(state: InstanceState, { type, details }: Problem): Json {
  if (state.engine_version < 9 || type !== 'QuotaExceededError' || !isJsonObject(details)) return null;
  return details['quota'] ?? null;
}
