/**
 * How often children report. The server takes 10,000 signals of a run, and a parent's run lasts for as long as a child
 * is open: the more reports a run has heard, the less it asks for.
 */
import { childrenOf } from './tree-figures.js';
import type { Turn } from './turn.js';

/** The signal with which a parent asks its children for less: the engine's own. */
export const SLOW_SIGNAL = 'slow_reports';

/** From so many reports on, one in so many seconds of each child: the last leaves room for a year of a thousand children. */
const PACES: readonly (readonly [heard: number, sec: number])[] = [
  [7000, 86_400],
  [5500, 3600],
  [4000, 600],
  [2500, 120],
  [1000, 30],
];

/** Seconds between one report of a child and the next; undefined where it is the child's own matter. */
export function askedPace(heard: number): number | undefined {
  return PACES.find(([from]) => heard >= from)?.[1];
}

/** Counts a report; once it is much that this run has heard, all children are asked for less. */
export function countReport(turn: Turn): void {
  const { state } = turn;
  if (state.engine_version < 8) return;
  const before = askedPace(state.heard_reports ?? 0);
  state.heard_reports = (state.heard_reports ?? 0) + 1;
  const report_sec = askedPace(state.heard_reports);
  if (report_sec === undefined || report_sec === before) return;
  for (const { id, stage } of childrenOf(state))
    if (stage === 'open' || stage === 'starting')
      turn.command({ type: 'signal_child', instance_id: id, signal: SLOW_SIGNAL, argument: { report_sec } });
}

/** What the parent asks for: it never asks for more. */
export function slowReports(turn: Turn, sec: number): void {
  turn.state.report_sec = Math.max(turn.state.report_sec ?? 0, sec);
}
