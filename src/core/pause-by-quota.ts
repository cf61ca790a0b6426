/** A quota that is reached and pauses: the instance with all below it, until somebody extends the quota. */
import { pausesAt } from './shared-quota.js';
import type { Problem } from './errors.js';
import { isJsonObject } from '../json/json.js';
import { tellChildren } from './tell-children.js';
import type { Turn } from './turn.js';

export function pauseByQuota(turn: Turn, reason: string): void {
  const { state } = turn;
  state.paused = { at: turn.at, reason, by_quota: true };
  turn.record('workflow_paused', { data: { reason } });
  const byQuota = state.engine_version < 7 ? {} : { by_quota: true };
  tellChildren(turn, 'pause', { tree: true, reason, ...byQuota });
}

/** Whether a task got no child because there may be no more of them, where that pauses: from version 9 on. */
export function waitsForRoom({ state }: Turn, { type, details }: Problem): boolean {
  if (state.engine_version < 9 || type !== 'QuotaExceededError' || !isJsonObject(details)) return false;
  return details['quota'] === 'max_children' && pausesAt(state, 'max_children');
}
