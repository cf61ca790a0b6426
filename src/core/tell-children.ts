import type { JsonObject } from '../json/json.js';
import { openChildrenOf } from './tree-figures.js';
import type { Turn } from './turn.js';

/** Sends a signal to every child that runs. */
export function tellChildren(turn: Turn, signal: 'pause' | 'resume', argument: JsonObject): void {
  for (const { id, stage } of openChildrenOf(turn.state))
    if (stage === 'open' || stage === 'starting')
      turn.command({ type: 'signal_child', instance_id: id, signal, argument });
}
