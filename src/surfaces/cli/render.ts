/** The shapes of the protocol as text for people. */
import type { InstanceSummary, WaitingTask } from '../../client/requests.js';
import type {
  FeatureStatus,
  HistoryEvent,
  Task,
  TriggerResult,
  WorkflowState,
  WorkflowStatusInfo,
} from '../../core/shapes.js';
import type { Colours } from './colours.js';
import { paintStatus } from './colours.js';
import { renderCost } from './render-cost.js';
import { renderFields, renderTable } from './table.js';

const TEXT_WIDTH = 60;

export function renderStatus(info: WorkflowStatusInfo, colours: Colours): string[] {
  return renderFields([
    ['instance', info.instance_id],
    ['status', paintStatus(colours, info.status)],
    ['phase', info.current_phase],
    ['waiting for', info.waiting_for],
    ['reason', info.reason ?? null],
    ['progress', renderProgress(info.progress)],
    ['feature', info.feature_id],
    ['created', info.created_at],
    ['updated', info.updated_at],
    ['children', info.child_count === 0 ? null : String(info.child_count)],
  ]);
}

export function renderState(state: WorkflowState, colours: Colours): string[] {
  const { failure } = state;
  const fields = renderFields([
    ['instance', state.instance_id],
    ['definition', `${state.workflow_name}@${state.schema_version}`],
    ['status', paintStatus(colours, state.status)],
    ['phase', state.current_phase],
    ['waiting for', state.waiting_for],
    ['feature', state.feature_id],
    ['tenant', state.tenant_id],
    ['automation', String(state.automation_level)],
    ['usage', `${state.usage.tokens} tokens, ${renderCost(state.usage)}, ${state.usage.elapsed_sec} s`],
    ['created', state.created_at],
    ['updated', state.updated_at],
    ['closed', state.closed_at],
    ['failure', failure === null ? null : `${failure.type}: ${failure.message}`],
    ['reason', state.reason ?? null],
  ]);
  return [
    ...fields,
    '',
    'Variables',
    ...JSON.stringify(state.variables, null, 2).split('\n'),
    '',
    'Tasks',
    ...renderTasks(state.tasks, colours),
  ];
}

export function renderTasks(tasks: readonly Task[], colours: Colours): string[] {
  const rows = tasks.map((task) => [
    task.task_id,
    task.kind,
    paintStatus(colours, task.status),
    task.claimed_by ?? '',
    firstLine(task.text ?? ''),
  ]);
  return renderTable(['TASK', 'KIND', 'STATUS', 'CLAIMED BY', 'TEXT'], rows);
}

export function renderWaiting(tasks: readonly WaitingTask[]): string[] {
  const rows = tasks.map(({ instance_id, feature_id, task }) => [
    instance_id,
    task.task_id,
    task.waiting_for ?? '',
    feature_id,
    task.claimed_by ?? '',
    firstLine(task.text ?? ''),
  ]);
  return renderTable(['INSTANCE', 'TASK', 'WAITS FOR', 'FEATURE', 'CLAIMED BY', 'TEXT'], rows);
}

export function renderInstances(instances: readonly InstanceSummary[], colours: Colours): string[] {
  const rows = instances.map((instance) => [
    instance.instance_id,
    paintStatus(colours, instance.status),
    instance.current_phase ?? '',
    // One that was refused at its start has no version.
    [instance.workflow_name, instance.schema_version].filter(Boolean).join('@'),
    instance.feature_id,
    instance.created_at,
  ]);
  return renderTable(['INSTANCE', 'STATUS', 'PHASE', 'DEFINITION', 'FEATURE', 'CREATED'], rows);
}

export function renderFeature(feature: FeatureStatus, colours: Colours): string[] {
  return renderFields([
    ['feature', feature.feature_id],
    ['status', paintStatus(colours, feature.status)],
    ['instances', String(feature.total_instances)],
    ['created', String(feature.created_count)],
    ['running', String(feature.running_count)],
    ['paused', String(feature.paused_count)],
    ['completed', String(feature.completed_count)],
    ['failed', String(feature.failed_count)],
    ['terminated', String(feature.terminated_count)],
    ['cancelled', String(feature.cancelled_count)],
    ['latest', feature.latest_instance_id],
  ]);
}

/** One line about where an instance has come to. */
export function renderTrigger(result: TriggerResult, colours: Colours): string {
  const { previous_phase: from, current_phase: to, error } = result;
  const applied = result.duplicate ? 'applied before' : result.applied ? 'applied' : 'not applied';
  const path = from === to ? (to ?? '') : `${from ?? ''} → ${to ?? ''}`;
  const refused = error === undefined ? '' : `: ${error.type}: ${error.message}`;
  return [
    paintStatus(colours, result.status),
    path,
    result.waiting_for === null ? '' : `waiting for ${result.waiting_for}`,
    renderProgress(result.progress),
    `(${applied}${refused})`,
  ]
    .filter((word) => word !== '')
    .join('  ');
}

/** One line of a watch. */
export function renderWatch(info: WorkflowStatusInfo, colours: Colours): string {
  const waiting = info.waiting_for === null ? '' : `  waiting for ${info.waiting_for}`;
  const reason = info.reason === undefined ? '' : `  (${info.reason})`;
  const status = paintStatus(colours, info.status);
  return `${info.updated_at}  ${status}  ${info.current_phase ?? '-'}  ${renderProgress(info.progress)}${waiting}${reason}`;
}

/** One line of the audit stream. */
export function renderEvent(event: HistoryEvent, colours: Colours): string {
  const place = event.task ?? event.phase ?? '';
  const data = Object.keys(event.data).length === 0 ? '' : `  ${colours.dim(JSON.stringify(event.data))}`;
  return `${String(event.seq).padStart(5)}  ${event.timestamp}  ${event.event_type}  ${place}${data}`;
}

function renderProgress(progress: number): string {
  return `${Math.round(progress * 100)} %`;
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length <= TEXT_WIDTH ? line : `${line.slice(0, TEXT_WIDTH - 1)}…`;
}
