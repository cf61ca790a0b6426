/** A tree of instances as text: one line an instance, what it waits for and what its subtree has come to. */
import type { WorkflowStatusInfo, WorkflowTreeMonitor, WorkflowTreeStatus } from '../../core/shapes.js';
import type { Colours } from './colours.js';
import { paintStatus } from './colours.js';
import { renderCost } from './render-cost.js';

const CLOSED = new Set(['completed', 'failed', 'terminated', 'cancelled']);

/**
 * The whole tree, its sum below it.
 *
 * @param at milliseconds since the epoch: the clock of an instance stands still while nothing happens in it
 */
export function renderTree(monitor: WorkflowTreeMonitor, colours: Colours, at: number): string[] {
  const root: WorkflowStatusInfo = { ...monitor.root, children: monitor.children };
  return [...renderNode(root, { own: '', below: '' }, { colours, at }), '', renderSum(monitor.tree_status)];
}

interface Drawing {
  readonly colours: Colours;
  /** Milliseconds since the epoch: ages are counted up to it. */
  readonly at: number;
}

/** What stands before a node's own line, and before those below it. */
interface Branch {
  readonly own: string;
  readonly below: string;
}

function renderNode(
  node: WorkflowStatusInfo,
  branch: Branch,
  drawing: Drawing,
  reasonAbove?: string,
): string[] {
  const children = node.children ?? [];
  const lines = children.flatMap((child, index) => {
    const isLast = index === children.length - 1 && hiddenOf(node) === 0;
    return renderNode(child, branchOf(branch, isLast), drawing, node.reason);
  });
  const hidden = hiddenOf(node);
  const more = hidden > 0 ? [`${branch.below}└─ ${drawing.colours.dim(`${hidden} more`)}`] : [];
  return [`${branch.own}${describe(node, drawing, reasonAbove)}`, ...lines, ...more];
}

/** Children that are not shown: deeper than was asked for, or closed long ago. */
function hiddenOf({ child_count, children = [] }: WorkflowStatusInfo): number {
  return Math.max(0, child_count - children.length);
}

function branchOf({ below }: Branch, isLast: boolean): Branch {
  return isLast ? { own: `${below}└─ `, below: `${below}   ` } : { own: `${below}├─ `, below: `${below}│  ` };
}

/** What was ended with the one above it has no reason of its own to tell. */
function describe(node: WorkflowStatusInfo, { colours, at }: Drawing, reasonAbove?: string): string {
  const { usage, reason } = node;
  const until = CLOSED.has(node.status) ? Date.parse(node.updated_at) : at;
  return [
    node.instance_id,
    paintStatus(colours, node.status),
    node.current_phase ?? '-',
    node.waiting_for === null ? '' : `waiting for ${node.waiting_for}`,
    usage === undefined ? '' : `${usage.tokens} tokens`,
    usage === undefined ? '' : renderCost(usage),
    colours.dim(renderAge(until - Date.parse(node.created_at))),
    reason === undefined || reason === reasonAbove ? '' : `(${reason})`,
  ]
    .filter((word) => word !== '')
    .join('  ');
}

function renderSum(tree: WorkflowTreeStatus): string {
  const parts = (['running', 'created', 'paused', 'completed', 'failed', 'cancelled', 'terminated'] as const)
    .filter((status) => tree[`${status}_nodes`] > 0)
    .map((status) => `${tree[`${status}_nodes`]} ${status}`);
  const cost = renderCost({
    cost_usd: tree.total_cost_usd,
    ...(tree.unpriced_tokens === undefined ? {} : { unpriced_tokens: tree.unpriced_tokens }),
  });
  const nodes = `${tree.total_nodes} ${tree.total_nodes === 1 ? 'instance' : 'instances'}`;
  return `${tree.status}: ${nodes} (${parts.join(', ')}), depth ${tree.max_depth}, ${tree.total_tokens} tokens, ${cost}`;
}

/** A length of time in its two largest units. */
export function renderAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
