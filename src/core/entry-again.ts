import type { PendingEntry } from './state.js';
import type { Turn } from './turn.js';

/** A visit in place of the phase's last: the failure that had led there leads there again. */
export function entryAgain(turn: Turn, phase: string): PendingEntry {
  const { error } = turn.phaseState(phase);
  return { phase, ...(error === undefined ? {} : { error }) };
}
