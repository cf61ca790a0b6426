/**
 * A tree from its root: one query for its figures and its direct children, as those have told last. More levels cost a
 * query for each child that is open or has children: what they have told may lag, and says nothing of a phase alone.
 */
import pMap from 'p-map';
import { ChatFlowError } from '../core/errors.js';
import { viewTreeMonitor, viewTreeStatus } from '../core/views.js';
import type { WorkflowStatusInfo, WorkflowTreeMonitor, WorkflowTreeStatus } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import type { ClientContext } from './client-context.js';
import { isClosed, overlayMonitor, overlayTree } from './overlay-end.js';
import { mergeMonitor, mergeTree } from './read-indexed-tree.js';
import { AT_ONCE, queryOnce, toNull } from './query-instance.js';
import { readView } from './read-view.js';
import type { MonitorOptions } from './requests.js';

/** Direct children that are asked for the phase they stand in: of more, the rest are as their parent knows them. */
const MOST_UNTOLD = 50;

export async function readTreeStatus(
  context: ClientContext,
  instanceId: string,
): Promise<WorkflowTreeStatus> {
  const tree = await readView(context, instanceId, {
    query: 'get_workflow_tree_status',
    fromState: (state) => viewTreeStatus(state, lastChange(state)),
    fromIndex: (tree, asked) => mergeTree(tree.tree_status, asked),
    overlay: overlayTree,
  });
  return upToNow(tree);
}

/** In a query the time stands still at the last workflow task; that of a tree which is open goes on. */
function upToNow(tree: WorkflowTreeStatus): WorkflowTreeStatus {
  if (tree.running_nodes + tree.paused_nodes + tree.created_nodes === 0) return tree;
  const sinceMs = Math.max(0, Date.now() - Date.parse(tree.as_of));
  return { ...tree, execution_time_sec: tree.execution_time_sec + sinceMs / 1000 };
}

/** The tree with its direct children; with a `depth` beyond 1 each child tells of itself, and carries its own. */
export async function readTreeMonitor(
  context: ClientContext,
  instanceId: string,
  { depth = 1 }: MonitorOptions = {},
): Promise<WorkflowTreeMonitor> {
  if (!Number.isInteger(depth) || depth < 0)
    throw new ChatFlowError(
      'InvalidInputError',
      `The depth ${String(depth)} is not a whole number from 0 up`,
    );
  const monitor = await readMonitor(context, instanceId);
  const tree_status = upToNow(monitor.tree_status);
  const timestamp = tree_status === monitor.tree_status ? monitor.timestamp : new Date().toISOString();
  const children = depth < 1 ? [] : await withChildren(context, monitor.children, depth - 1);
  return { ...monitor, tree_status, children, timestamp };
}

function readMonitor(context: ClientContext, instanceId: string): Promise<WorkflowTreeMonitor> {
  return readView(context, instanceId, {
    query: 'monitor_workflow_tree',
    args: [{}],
    fromState: (state) => viewTreeMonitor(state, lastChange(state)),
    fromIndex: mergeMonitor,
    overlay: overlayMonitor,
  });
}

async function withChildren(
  context: ClientContext,
  children: readonly WorkflowStatusInfo[],
  depth: number,
): Promise<readonly WorkflowStatusInfo[]> {
  // Deeper, each child is asked anyhow.
  const untold = depth < 1 ? children.filter(hasToldNothing).slice(0, MOST_UNTOLD) : [];
  return pMap(
    children,
    (child) => (untold.includes(child) ? askInfo(context, child) : withOwn(context, child, depth)),
    AT_ONCE,
  );
}

/** It stands in its first phase, which its parent has not heard of. */
function hasToldNothing({ status, current_phase }: WorkflowStatusInfo): boolean {
  return !isClosed(status) && current_phase === null;
}

async function askInfo(context: ClientContext, child: WorkflowStatusInfo): Promise<WorkflowStatusInfo> {
  const question = { query: 'get_workflow_status_info' } as const;
  const own = await queryOnce<WorkflowStatusInfo>(context, child.instance_id, question).catch(toNull);
  return { ...child, ...own };
}

async function withOwn(
  context: ClientContext,
  child: WorkflowStatusInfo,
  depth: number,
): Promise<WorkflowStatusInfo> {
  if (depth < 1 || isToldInFull(child)) return withoutChildren(child);
  if (child.children) return { ...child, children: await withChildren(context, child.children, depth - 1) };
  const own = await readMonitor(context, child.instance_id).catch(toNull);
  if (own === null) return child;
  return { ...own.root, children: await withChildren(context, own.children, depth - 1) };
}

/** Its parent does not hear why it was terminated. */
function isToldInFull({ status, child_count, reason }: WorkflowStatusInfo): boolean {
  return isClosed(status) && child_count === 0 && (status !== 'terminated' || reason !== undefined);
}

/** Those that the index has told are deeper than was asked for. */
function withoutChildren({ children: _deeper, ...child }: WorkflowStatusInfo): WorkflowStatusInfo {
  return child;
}

/** A snapshot's figures are those of its end, whenever they are read. */
function lastChange(state: InstanceState): number {
  return state.closed_at ?? state.updated_at;
}
