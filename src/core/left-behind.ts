/**
 * What an instance had come to that was ended from outside: it could not tell any more, but can still be asked. Of those
 * below that were open it knows what they had told; they ended with it, and each can be asked, too.
 */
import type { SubtreeReport, TreeFigures } from './child-state.js';
import { makeReport } from './report-up.js';
import type { InstanceStatus, SubtreeUsage } from './shapes.js';
import type { InstanceState } from './state.js';
import { closeCutOff } from './end-instance.js';
import { Turn } from './turn.js';
import { addUp, childrenOf, endedAs, figuresOf } from './tree-figures.js';

/** An instance with those below it that have closed; and the ids of its children that had not. */
export interface LeftBehind {
  readonly report: SubtreeReport;
  readonly open: readonly string[];
  /** What it has used itself, without those below. */
  readonly own: SubtreeUsage;
  readonly phase: string | null;
}

export function viewLeftBehind(state: InstanceState): LeftBehind {
  const isClosed = ({ stage }: { readonly stage: string }): boolean => stage === 'closed';
  const children = Object.fromEntries(
    Object.entries(state.children ?? {}).filter(([, child]) => isClosed(child)),
  );
  const open = childrenOf(state).filter(({ stage }) => stage === 'starting' || stage === 'open');
  const { info, as_of, schema_digest } = makeReport(state, state.closed_at ?? state.updated_at);
  return {
    report: {
      info,
      as_of,
      figures: figuresOf({ ...state, children }),
      ...(schema_digest === undefined ? {} : { schema_digest }),
    },
    open: open.map(({ id }) => id),
    own: state.usage,
    phase: state.current?.phase ?? null,
  };
}

/** Whether there is something in it for another to go on from. */
export function hasWorked({ report: { info } }: LeftBehind): boolean {
  return info.progress > 0 || info.child_count > 0;
}

/** The state of one that was ended from outside, closed as failed where it stood. */
export function cutOff(state: InstanceState): InstanceState {
  if (state.closed_at !== null) return state;
  const turn = new Turn(state, state.updated_at);
  closeCutOff(turn, { type: 'WorkflowFailedError', message: 'It was terminated' });
  return turn.state;
}

/** One of the open that no instance ever came of: it counts, as what became of it. */
export function unbornFigures({ report }: LeftBehind, status: InstanceStatus): TreeFigures {
  return { nodes: { [status]: 1 }, max_depth: report.info.depth + 1, tokens: 0, cost_usd: 0 };
}

/** The whole of it, with what those below came to that were open. */
export function endedReport({ report }: LeftBehind, below: readonly TreeFigures[]): SubtreeReport {
  const figures = endedAs(addUp([report.figures, ...below]), 'terminated');
  return { ...report, info: { ...report.info, status: 'terminated', waiting_for: null }, figures };
}
