/** The shapes of the protocol, read from the state. Pure: the answer of a query, a snapshot's reader, a dry run. */
import { phasePosition } from './definition-index.js';
import { findPhase } from './definition-index.js';
import { elapsedMs } from './quota.js';
import type {
  HistoryPage,
  InstanceStatus,
  Task,
  WorkflowState,
  WorkflowStatusInfo,
  WorkflowTreeMonitor,
  WorkflowTreeStatus,
} from './shapes.js';
import type { InstanceState } from './state.js';
import { progressOf, statusOf, waitingForOf } from './summary.js';
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
    children: [],
    recursion_depth: state.recursion_depth,
    resource_quota: state.resource_quota,
    usage: { ...state.usage, elapsed_sec: elapsedMs(state, nowMs) / 1000, children: 0 },
    automation_level: state.automation_level,
    history: [...state.visits, ...live],
    history_truncated: state.visits_truncated,
    created_at: isoTime(state.created_at),
    updated_at: isoTime(state.updated_at),
    closed_at: state.closed_at === null ? null : isoTime(state.closed_at),
    meta: state.meta,
    failure: state.failure,
    artifacts: state.artifacts,
    ...(state.status === 'completed' ? { result: resultOf(state) } : {}),
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
    child_count: 0,
    running_children: 0,
    failed_children: 0,
    completed_children: 0,
    terminated_children: 0,
    cancelled_children: 0,
  };
}

/** The audit stream from `after` on: what is still in the state, and where the rest lies. */
export function viewHistory(state: InstanceState, after = 0): HistoryPage {
  const events = state.events.filter((event) => event.seq > after);
  return {
    events,
    first_seq: events[0]?.seq ?? state.next_seq,
    segments: state.segments.filter((segment) => segment.last_seq > after).map((segment) => segment.ref),
  };
}

/** The tree below and with this instance: as long as there are no children, itself. */
export function viewTreeStatus(state: InstanceState, nowMs: number): WorkflowTreeStatus {
  const status = statusOf(state);
  const is = (wanted: InstanceStatus): number => (status === wanted ? 1 : 0);
  return {
    root_instance_id: state.instance_id,
    status: status === 'created' ? 'running' : status,
    total_nodes: 1,
    completed_nodes: is('completed'),
    failed_nodes: is('failed'),
    running_nodes: is('running'),
    terminated_nodes: is('terminated'),
    cancelled_nodes: is('cancelled'),
    paused_nodes: is('paused'),
    created_nodes: is('created'),
    max_depth: state.recursion_depth,
    execution_time_sec: ((state.closed_at ?? nowMs) - state.created_at) / 1000,
    total_tokens: state.usage.tokens,
    total_cost_usd: state.usage.cost_usd,
    as_of: isoTime(nowMs),
  };
}

export function viewTreeMonitor(state: InstanceState, nowMs: number): WorkflowTreeMonitor {
  return {
    root: viewStatusInfo(state),
    tree_status: viewTreeStatus(state, nowMs),
    children: [],
    timestamp: isoTime(nowMs),
  };
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
