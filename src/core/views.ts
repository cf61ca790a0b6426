/** The shapes of the protocol, read from the state. Pure: the answer of a query, a snapshot's reader, a dry run. */
import { isJsonObject } from '../json/json.js';
import { phasePosition } from './definition-index.js';
import { findPhase } from './definition-index.js';
import { elapsedMs } from './quota.js';
import type {
  HistoryPage,
  InstanceStatus,
  SubtreeUsage,
  Task,
  UsageTotals,
  WorkflowState,
  WorkflowStatusInfo,
  WorkflowTreeMonitor,
  WorkflowTreeStatus,
} from './shapes.js';
import type { ChildCount, ChildState, PastChild, TreeFigures } from './child-state.js';
import type { InstanceState } from './state.js';
import { progressOf, statusOf, waitingForOf } from './summary.js';
import { allChildrenOf, childrenOf, figuresOf, figuresOfChild } from './tree-figures.js';
import { isoTime } from './turn.js';
import { viewTask } from './view-task.js';
import { visitEntry } from './visit-log.js';

/** Open and retained tasks, in order of their creation. */
export function viewTasks(state: InstanceState): Task[] {
  return Object.values(state.tasks)
    .filter((task) => !task.foreach)
    .sort((a, b) => a.order - b.order)
    .map((task) => viewTask(state, task));
}

/** The whole state of an instance. `nowMs` dates what is still running. */
export function viewWorkflowState(state: InstanceState, nowMs: number): WorkflowState {
  const { definition, current } = state;
  const running = current && state.phases[current.phase]?.status === 'running';
  const live =
    current && running ? [visitEntry(current, findPhase(definition, current.phase), 'running', null)] : [];
  return {
    instance_id: state.instance_id,
    tenant_id: state.tenant_id,
    feature_id: state.feature_id,
    workflow_name: definition.name,
    schema_version: definition.version,
    engine_version: state.engine_version,
    current_phase: current?.phase ?? null,
    variables: state.variables,
    status: statusOf(state),
    waiting_for: waitingForOf(state),
    tasks: viewTasks(state),
    parent_instance_id: state.parent_instance_id,
    root_instance_id: state.root_instance_id,
    children: allChildrenOf(state).map(({ id }) => id),
    recursion_depth: state.recursion_depth,
    resource_quota: state.resource_quota,
    usage: viewUsage(state, nowMs),
    automation_level: state.automation_level,
    history: [...state.visits, ...live],
    history_truncated: state.visits_truncated,
    created_at: isoTime(state.created_at),
    updated_at: isoTime(state.updated_at),
    closed_at: state.closed_at === null ? null : isoTime(state.closed_at),
    meta: state.meta,
    failure: state.failure,
    artifacts: state.artifacts,
    ...reasonOf(state),
    ...(state.status === 'completed' ? { result: resultOf(state) } : {}),
  };
}

/** What the instance and all below it have used. */
function viewUsage(state: InstanceState, nowMs: number): UsageTotals {
  const { tokens, cost_usd, unpriced_tokens } = figuresOf(state);
  return {
    tokens,
    cost_usd,
    elapsed_sec: elapsedMs(state, nowMs) / 1000,
    children: state.child_count ?? 0,
    ...(state.closed_at === null && !state.paused ? { as_of: isoTime(nowMs) } : {}),
    ...(unpriced_tokens === undefined ? {} : { unpriced_tokens }),
  };
}

/** What a finished instance returns: `result`, or its variables. */
export function resultOf(state: InstanceState): NonNullable<WorkflowState['result']> {
  return state.result ?? state.variables;
}

export function viewStatusInfo(state: InstanceState): WorkflowStatusInfo {
  return {
    instance_id: state.instance_id,
    status: statusOf(state),
    progress: progressOf(state),
    current_phase: state.current?.phase ?? null,
    waiting_for: waitingForOf(state),
    feature_id: state.feature_id,
    created_at: isoTime(state.created_at),
    updated_at: isoTime(state.updated_at),
    depth: state.recursion_depth,
    ...countChildren(state),
    ...reasonOf(state),
  };
}

function reasonOf({ status, ending }: InstanceState): { readonly reason?: string } {
  const reason = status === 'cancelled' ? ending?.reason : null;
  return reason ? { reason } : {};
}

/** Direct children, by how they stand. */
function countChildren(state: InstanceState): Pick<WorkflowStatusInfo, ChildCount> {
  const past = state.past_children?.closed ?? {};
  const known = childrenOf(state);
  const count = (status: InstanceStatus): number =>
    (past[status] ?? 0) + known.filter((child) => child.stage === 'closed' && child.status === status).length;
  return {
    child_count: state.child_count ?? 0,
    running_children: known.filter(({ stage }) => stage !== 'closed').length,
    failed_children: count('failed'),
    completed_children: count('completed'),
    terminated_children: count('terminated'),
    cancelled_children: count('cancelled'),
  };
}

const NO_CHILDREN: Pick<WorkflowStatusInfo, ChildCount> = {
  child_count: 0,
  running_children: 0,
  failed_children: 0,
  completed_children: 0,
  terminated_children: 0,
  cancelled_children: 0,
};

/** The audit stream from `after` on: what is still in the state, and where the rest lies. */
export function viewHistory(state: InstanceState, after = 0): HistoryPage {
  const events = state.events.filter((event) => event.seq > after);
  return {
    events,
    first_seq: events[0]?.seq ?? state.next_seq,
    segments: state.segments.filter((segment) => segment.last_seq > after).map((segment) => segment.ref),
  };
}

/** The tree below and with this instance, as far as its children have told. */
export function viewTreeStatus(state: InstanceState, nowMs: number): WorkflowTreeStatus {
  const { instance_id, created_at: from, closed_at } = state;
  return treeStatusOf(instance_id, figuresOf(state), { from, until: closed_at ?? nowMs, asOf: nowMs });
}

/** Milliseconds since the epoch: what a tree's time is counted from and to, and what moment its figures are of. */
interface TreeTimes {
  readonly from: number;
  readonly until: number;
  readonly asOf: number;
}

/** The figures of a subtree as they are told. */
export function treeStatusOf(
  topId: string,
  { nodes, max_depth, tokens, cost_usd, unpriced_tokens }: TreeFigures,
  { from, until, asOf }: TreeTimes,
): WorkflowTreeStatus {
  const count = (status: InstanceStatus): number => nodes[status] ?? 0;
  return {
    root_instance_id: topId,
    status: treeStatus(nodes),
    total_nodes: Object.values(nodes).reduce((sum, number) => sum + number, 0),
    completed_nodes: count('completed'),
    failed_nodes: count('failed'),
    running_nodes: count('running'),
    terminated_nodes: count('terminated'),
    cancelled_nodes: count('cancelled'),
    paused_nodes: count('paused'),
    created_nodes: count('created'),
    max_depth,
    execution_time_sec: (until - from) / 1000,
    total_tokens: tokens,
    total_cost_usd: cost_usd,
    ...(unpriced_tokens === undefined ? {} : { unpriced_tokens }),
    as_of: isoTime(asOf),
  };
}

/** Of a whole tree in a word: what needs somebody comes first. */
function treeStatus(nodes: TreeFigures['nodes']): InstanceStatus {
  if (nodes.failed) return 'failed';
  if (nodes.running || nodes.created) return 'running';
  return (['paused', 'terminated', 'cancelled'] as const).find((status) => nodes[status]) ?? 'completed';
}

export function viewTreeMonitor(state: InstanceState, nowMs: number): WorkflowTreeMonitor {
  return {
    root: { ...viewStatusInfo(state), usage: usageOf(figuresOf(state)) },
    tree_status: viewTreeStatus(state, nowMs),
    children: allChildrenOf(state).map((child) =>
      'stage' in child ? viewChild(state, child) : viewPastChild(state, child),
    ),
    timestamp: isoTime(nowMs),
  };
}

function usageOf({ tokens, cost_usd, unpriced_tokens }: TreeFigures): SubtreeUsage {
  return { tokens, cost_usd, ...(unpriced_tokens === undefined ? {} : { unpriced_tokens }) };
}

/** A child as it has told of itself; before that, as it was made. */
function viewChild(state: InstanceState, child: ChildState): WorkflowStatusInfo {
  const { id, status, report, created_at } = child;
  const usage = usageOf(figuresOfChild(state, child));
  if (report) return { ...report.info, status, usage, ...reasonIn(child) };
  return {
    usage,
    instance_id: id,
    status,
    progress: 0,
    current_phase: null,
    waiting_for: null,
    feature_id: state.feature_id,
    created_at: isoTime(created_at),
    updated_at: isoTime(created_at),
    depth: state.recursion_depth + 1,
    ...NO_CHILDREN,
  };
}

/** A child that has closed, from what is kept of it. */
function viewPastChild(state: InstanceState, child: PastChild): WorkflowStatusInfo {
  const { id, status, created_at, closed_at, phase = null, progress = 1 } = child;
  const { usage = { tokens: 0, cost_usd: 0 }, children = NO_CHILDREN } = child;
  return {
    instance_id: id,
    status,
    progress,
    current_phase: phase,
    waiting_for: null,
    feature_id: state.feature_id,
    created_at: isoTime(created_at),
    updated_at: isoTime(closed_at),
    depth: state.recursion_depth + 1,
    ...children,
    usage,
    ...reasonIn(child),
  };
}

/** Why a child was terminated, where whoever did it has said so. */
function reasonIn({ status, failure }: Pick<ChildState, 'status' | 'failure'>): { readonly reason?: string } {
  if (status !== 'terminated' || !isJsonObject(failure?.details)) return {};
  const { reason } = failure.details;
  return typeof reason === 'string' ? { reason } : {};
}

/** The distinct `kind` and `kind:phase` of open tasks, cut at 1.5 KiB: what lists filter by. */
export function viewWaiting(state: InstanceState): string[] {
  if (state.closed_at !== null) return [];
  const open = Object.values(state.tasks).filter((task) => task.status === 'open' && task.waits);
  const phases = [...new Set(open.map((task) => `${task.waits}:${task.phase}`))];
  phases.sort(
    (a, b) => phasePosition(state.definition, phaseOf(a)) - phasePosition(state.definition, phaseOf(b)),
  );
  const words = [...new Set(open.map((task) => String(task.waits))), ...phases];
  let bytes = 0;
  return words.filter((word) => (bytes += word.length + 8) <= 1536);
}

function phaseOf(word: string): string {
  return word.slice(word.indexOf(':') + 1);
}
