/**
 * Lays how an execution really ended over what its last state says. A run that was terminated (or that Temporal timed
 * out or failed) could no longer tell: its own state still calls it running.
 *
 * O1 Where the state knows the end itself, it stands as it is: it knows more than Temporal.
 * O2 What was open in an instance that ended this way has ended with it, descendants included.
 */
import type {
  Failure,
  HistoryEntry,
  HistoryEvent,
  InstanceStatus,
  Task,
  WorkflowState,
  WorkflowStatusInfo,
  WorkflowTreeMonitor,
  WorkflowTreeStatus,
} from '../core/shapes.js';
import type { ExecutionEnd } from './execution.js';

const CLOSED: ReadonlySet<InstanceStatus> = new Set(['completed', 'failed', 'terminated', 'cancelled']);

/** Whether an instance of this status takes nothing more. */
export function isClosed(status: InstanceStatus): boolean {
  return CLOSED.has(status);
}

export function overlayState(state: WorkflowState, end: ExecutionEnd): WorkflowState {
  if (state.status === end.status) return state;
  return {
    ...state,
    status: end.status,
    waiting_for: null,
    closed_at: end.closed_at,
    updated_at: end.closed_at,
    tasks: state.tasks.map((task) => endTask(task, end)),
    history: state.history.map((entry) => endVisit(entry, end)),
    failure: state.failure ?? failureOf(state.current_phase, end),
    ...reasonOf(end),
  };
}

export function overlayStatusInfo(info: WorkflowStatusInfo, end: ExecutionEnd): WorkflowStatusInfo {
  if (info.status === end.status) return { ...info, ...reasonOf(end) };
  const { running_children: running, ...rest } = info;
  return {
    ...rest,
    status: end.status,
    waiting_for: null,
    updated_at: end.closed_at,
    running_children: 0,
    ...addTo(info, `${childEnd(end)}_children`, running),
    ...reasonOf(end),
  };
}

export function overlayTree(tree: WorkflowTreeStatus, end: ExecutionEnd): WorkflowTreeStatus {
  const open = tree.running_nodes + tree.paused_nodes + tree.created_nodes;
  if (isClosed(tree.status) && open === 0) return tree;
  const counts = {
    ...tree,
    running_nodes: 0,
    paused_nodes: 0,
    created_nodes: 0,
    ...addTo(tree, `${childEnd(end)}_nodes`, open),
  };
  return { ...counts, status: tree.failed_nodes > 0 ? 'failed' : end.status };
}

export function overlayMonitor(monitor: WorkflowTreeMonitor, end: ExecutionEnd): WorkflowTreeMonitor {
  return {
    ...monitor,
    root: overlayStatusInfo(monitor.root, end),
    tree_status: overlayTree(monitor.tree_status, end),
    children: monitor.children.map((child) => overlayChild(child, end)),
  };
}

/** What closed before its parent did so for a reason of its own. */
function overlayChild(child: WorkflowStatusInfo, end: ExecutionEnd): WorkflowStatusInfo {
  const isByParent = child.status === 'terminated' && child.updated_at >= end.closed_at;
  if (isClosed(child.status) && !isByParent) return child;
  const ended = { ...end, status: childEnd(end) };
  const { children } = child;
  return {
    ...overlayStatusInfo(child, ended),
    ...(children && { children: children.map((below) => overlayChild(below, ended)) }),
  };
}

/** Adds the event of the end, with its reason, where the stream does not have it. */
export function overlayHistory(events: readonly HistoryEvent[], end: ExecutionEnd): readonly HistoryEvent[] {
  const eventType = `workflow_${end.status}`;
  for (let index = events.length - 1; index >= 0; index--) {
    const type = events[index]?.event_type;
    if (type === eventType) return events;
    if (type === 'workflow_retried') break;
  }
  const last = events.at(-1);
  const event: HistoryEvent = {
    seq: (last?.seq ?? 0) + 1,
    event_type: eventType,
    phase: last?.phase ?? null,
    task: null,
    timestamp: end.closed_at,
    data: { reason: end.reason, ...(end.failure !== null && { failure: { ...end.failure } }) },
  };
  return [...events, event];
}

/** What became of the descendants: those of a failed or completed instance were terminated with its end. */
function childEnd(end: ExecutionEnd): 'terminated' | 'cancelled' {
  return end.status === 'cancelled' ? 'cancelled' : 'terminated';
}

function reasonOf({ reason }: ExecutionEnd): { readonly reason?: string } {
  return reason === null ? {} : { reason };
}

function endTask(task: Task, end: ExecutionEnd): Task {
  if (task.status !== 'open' && task.status !== 'pending') return task;
  const { waiting_for: _nothing, ...rest } = task;
  return { ...rest, status: 'cancelled', closed_at: end.closed_at };
}

function endVisit(entry: HistoryEntry, end: ExecutionEnd): HistoryEntry {
  if (entry.ended_at !== null) return entry;
  const status = end.status === 'completed' || end.status === 'failed' ? end.status : 'cancelled';
  return { ...entry, status, ended_at: end.closed_at };
}

function failureOf(phase: string | null, end: ExecutionEnd): Failure | null {
  if (end.status !== 'failed') return null;
  const { failure, reason } = end;
  if (failure !== null) return { ...failure, phase, task: null };
  return { type: 'TimeoutError', message: reason ?? 'The execution failed', phase, task: null };
}

function addTo<T, K extends keyof T>(counts: T, key: K, more: number): Partial<T> {
  return { [key]: (counts[key] as number) + more } as Partial<T>;
}
