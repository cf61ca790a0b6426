/** A quota that is reached and pauses: the instance with all below it, until somebody extends the quota. */
import { tellChildren } from './tell-children.js';
import type { Turn } from './turn.js';

export function pauseByQuota(turn: Turn, reason: string): void {
  const { state } = turn;
  state.paused = { at: turn.at, reason, by_quota: true };
  turn.record('workflow_paused', { data: { reason } });
  const byQuota = state.engine_version < 7 ? {} : { by_quota: true };
  tellChildren(turn, 'pause', { tree: true, reason, ...byQuota });
}
