/**
 * Children that have closed and been joined leave the map of those that can still do something: each event copies that
 * map and adds up what is in it, whereas of these only totals and a short record of the last are kept.
 */
import { jsonSize } from '../json/json-size.js';
import { LIMITS } from './limits.js';
import type { ChildState, PastChild, PastChildren } from './child-state.js';
import type { InstanceState } from './state.js';
import { addUp, childrenOf, figuresOfChild } from './tree-figures.js';
import type { Turn } from './turn.js';

/** Children that were kept whole before version 6. */
const KEPT_BEFORE_6 = 1000;

/** Moves children that have been joined to the totals; before version 6 only the oldest beyond a thousand. */
export function foldChildren(turn: Turn): void {
  const held = new Set(
    turn.state.held.flatMap((event) => (event.type === 'child_closed' ? [event.instance_id] : [])),
  );
  const closed = childrenOf(turn.state).filter(({ id, stage }) => stage === 'closed' && !held.has(id));
  const kept = turn.state.engine_version < 6 ? KEPT_BEFORE_6 : 0;
  for (const child of closed.slice(0, Math.max(0, closed.length - kept))) {
    turn.state.past_children = withPast(turn.state, child, turn.at);
    turn.dropChild(child.id);
  }
}

function withPast(state: InstanceState, child: ChildState, at: number): PastChildren {
  const { closed, figures, last = [] } = state.past_children ?? { closed: {}, figures: addUp([]) };
  return {
    closed: { ...closed, [child.status]: (closed[child.status] ?? 0) + 1 },
    figures: addUp([figures, figuresOfChild(state, child)]),
    ...(state.engine_version < 6 ? {} : { last: withLast(state, last, toPast(child, at)) }),
  };
}

/** The last that closed; of their results, from version 7 on, the last that have room. */
function withLast(
  { engine_version }: InstanceState,
  last: readonly PastChild[],
  child: PastChild,
): readonly PastChild[] {
  const kept = [...last.slice(Math.max(0, last.length + 1 - LIMITS.keptChildren)), child];
  if (engine_version < 7) return kept;
  let bytes = 0;
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    const { result, ...rest } = kept[index] as PastChild; // within the list, by the loop
    if (result === undefined) continue;
    bytes += jsonSize(result);
    if (bytes > LIMITS.keptResultsBytes) kept[index] = rest;
  }
  return kept;
}

function toPast(child: ChildState, at: number): PastChild {
  const { id, order, schema, task, status, created_at, request_id, result, failure, report } = child;
  const { request_digest } = child;
  return {
    id,
    order,
    schema,
    status,
    created_at: report ? Date.parse(report.info.created_at) : created_at,
    // One that was terminated has told nothing of its end.
    closed_at: report && status !== 'terminated' ? Date.parse(report.info.updated_at) : at,
    ...(task === undefined ? {} : { task }),
    ...(request_id === undefined ? {} : { request_id }),
    ...(request_digest === undefined ? {} : { request_digest }),
    ...(result === undefined ? {} : { result }),
    ...(failure === undefined ? {} : { failure }),
    ...(report ? toldOf(report) : { progress: 0 }),
  };
}

function toldOf({ info, figures }: NonNullable<ChildState['report']>): Partial<PastChild> {
  const { current_phase, progress, child_count, running_children, failed_children } = info;
  const { completed_children, terminated_children, cancelled_children } = info;
  const { tokens, cost_usd, unpriced_tokens } = figures;
  const hasUsed = tokens > 0 || cost_usd > 0 || unpriced_tokens !== undefined;
  return {
    ...(current_phase === null ? {} : { phase: current_phase }),
    ...(progress === 1 ? {} : { progress }),
    ...(hasUsed
      ? { usage: { tokens, cost_usd, ...(unpriced_tokens === undefined ? {} : { unpriced_tokens }) } }
      : {}),
    ...(child_count === 0
      ? {}
      : {
          children: {
            child_count,
            running_children,
            failed_children,
            completed_children,
            terminated_children,
            cancelled_children,
          },
        }),
  };
}
