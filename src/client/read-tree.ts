/** A tree from its root: one query for the whole, and one an instance for what lies deeper. */
import { viewTreeMonitor, viewTreeStatus } from '../core/views.js';
import type { WorkflowStatusInfo, WorkflowTreeMonitor, WorkflowTreeStatus } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import type { ClientContext } from './client-context.js';
import { overlayMonitor, overlayTree } from './overlay-end.js';
import { readView } from './read-view.js';
import type { MonitorOptions } from './requests.js';

/** Instances asked at once: each costs a worker some milliseconds. */
const CONCURRENCY = 5;

export function readTreeStatus(context: ClientContext, instanceId: string): Promise<WorkflowTreeStatus> {
  return readView(context, instanceId, {
    query: 'get_workflow_tree_status',
    fromState: (state) => viewTreeStatus(state, lastChange(state)),
    overlay: overlayTree,
  });
}

/** The tree with its direct children; with `depth` each child that has children carries its own. */
export async function readTreeMonitor(
  context: ClientContext,
  instanceId: string,
  { depth = 1 }: MonitorOptions = {},
): Promise<WorkflowTreeMonitor> {
  const monitor = await readMonitor(context, instanceId);
  if (depth < 1) return { ...monitor, children: [] };
  return { ...monitor, children: await withChildren(context, monitor.children, depth - 1) };
}

function readMonitor(context: ClientContext, instanceId: string): Promise<WorkflowTreeMonitor> {
  return readView(context, instanceId, {
    query: 'monitor_workflow_tree',
    args: [{}],
    fromState: (state) => viewTreeMonitor(state, lastChange(state)),
    overlay: overlayMonitor,
  });
}

async function withChildren(
  context: ClientContext,
  children: readonly WorkflowStatusInfo[],
  depth: number,
): Promise<readonly WorkflowStatusInfo[]> {
  const shown: WorkflowStatusInfo[] = [];
  for (let start = 0; start < children.length; start += CONCURRENCY) {
    const part = children.slice(start, start + CONCURRENCY);
    shown.push(...(await Promise.all(part.map((child) => withOwn(context, child, depth)))));
  }
  return shown;
}

async function withOwn(
  context: ClientContext,
  child: WorkflowStatusInfo,
  depth: number,
): Promise<WorkflowStatusInfo> {
  if (depth < 1 || child.child_count === 0) return child;
  const { root, children } = await readMonitor(context, child.instance_id);
  return { ...root, children: await withChildren(context, children, depth - 1) };
}

/** A snapshot's figures are those of its end, whenever they are read. */
function lastChange(state: InstanceState): number {
  return state.closed_at ?? state.updated_at;
}
