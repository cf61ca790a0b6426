/** What a subtree comes to: each level adds up its direct children, whatever lies below them. */
import { roundDollars } from './money.js';
import type { InstanceStatus } from './shapes.js';
import type { ChildState, PastChild, TreeFigures } from './child-state.js';
import type { InstanceState } from './state.js';
import { statusOf } from './summary.js';

/** The children of an instance that may still do something, in the order in which they were made. */
export function childrenOf({ children }: InstanceState): readonly ChildState[] {
  return Object.values(children ?? {});
}

/** With those that have closed, the last of them: in the order in which they were made. */
export function allChildrenOf(state: InstanceState): readonly (ChildState | PastChild)[] {
  const { last = [] } = state.past_children ?? {};
  return [...last, ...childrenOf(state)].sort((a, b) => a.order - b.order);
}

/** Those that have not closed. */
export function openChildrenOf(state: InstanceState): readonly ChildState[] {
  return childrenOf(state).filter(({ stage }) => stage !== 'closed');
}

/** How many children the server has been asked for and have not closed. */
export function countRunning(state: InstanceState): number {
  return childrenOf(state).filter(({ stage }) => stage === 'starting' || stage === 'open').length;
}

/** The figures of an instance and all below it, as far as its children have told. */
export function figuresOf(state: InstanceState): TreeFigures {
  const { tokens, cost_usd, unpriced_tokens } = state.usage;
  const own: TreeFigures = {
    nodes: { [statusOf(state)]: 1 },
    max_depth: state.recursion_depth,
    tokens,
    cost_usd,
    ...(unpriced_tokens === undefined ? {} : { unpriced_tokens }),
  };
  const past = state.past_children ? [state.past_children.figures] : [];
  return addUp([own, ...past, sumOfChildren(state)]);
}

/** A memo by identity; a turn that changes a map of its own forgets what was summed up of it. */
const sums = new WeakMap<object, TreeFigures>();

export function forgetSum(children: object): void {
  sums.delete(children);
}

function sumOfChildren(state: InstanceState): TreeFigures {
  const { children } = state;
  if (children === undefined) return addUp([]);
  const known = sums.get(children);
  if (known) return known;
  const sum = addUp(Object.values(children).map((child) => figuresOfChild(state, child)));
  sums.set(children, sum);
  return sum;
}

/** What is known of a child's subtree: itself at least, from when it is started. */
export function figuresOfChild(state: InstanceState, child: ChildState): TreeFigures {
  const { report, status } = child;
  if (report === undefined)
    return { nodes: { [status]: 1 }, max_depth: state.recursion_depth + 1, tokens: 0, cost_usd: 0 };
  return report.figures;
}

export function addUp(parts: readonly TreeFigures[]): TreeFigures {
  const nodes: Partial<Record<InstanceStatus, number>> = {};
  let [max_depth, tokens, cost_usd, unpriced] = [0, 0, 0, 0];
  for (const part of parts) {
    for (const [status, count] of Object.entries(part.nodes) as [InstanceStatus, number][])
      nodes[status] = (nodes[status] ?? 0) + count;
    max_depth = Math.max(max_depth, part.max_depth);
    tokens += part.tokens;
    cost_usd += part.cost_usd;
    unpriced += part.unpriced_tokens ?? 0;
  }
  return {
    nodes,
    max_depth,
    tokens,
    cost_usd: roundDollars(cost_usd),
    ...(unpriced === 0 ? {} : { unpriced_tokens: unpriced }),
  };
}

/** The same subtree once its top has ended as `status`, and with it whatever in it was still open. */
export function endedAs(figures: TreeFigures, status: InstanceStatus): TreeFigures {
  const { created = 0, running = 0, paused = 0, ...closed } = figures.nodes;
  const open = created + running + paused;
  const nodes: TreeFigures['nodes'] = closed;
  return { ...figures, nodes: { ...nodes, [status]: (nodes[status] ?? 0) + open } };
}
