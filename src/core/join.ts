import type { Join } from '../definition/definition.js';

/** Tasks that count: those skipped by their condition do not. */
export interface JoinCounts {
  readonly total: number;
  readonly closed: number;
  readonly completed: number;
}

/** `all` waits for every task to close; a number for so many to complete, or all of them where fewer were opened. */
export function judgeJoin(join: Join, counts: JoinCounts): 'open' | 'met' | 'impossible' {
  if (join === 'all') return counts.closed >= counts.total ? 'met' : 'open';
  const needed = Math.min(join, counts.total);
  if (counts.completed >= needed) return 'met';
  const reachable = counts.completed + (counts.total - counts.closed);
  return reachable < needed ? 'impossible' : 'open';
}

/** `require`, once everything has closed: at least so many completed. */
export function meetsRequirement(required: Join | undefined, counts: JoinCounts): boolean {
  if (required === undefined) return true;
  return counts.completed >= (required === 'all' ? counts.total : required);
}
