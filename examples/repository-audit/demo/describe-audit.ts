import type { HistoryEntry, HistoryEvent, Task, WorkflowState } from '../../../src/core/shapes.js';
import { isJsonObject, type Json } from '../../../src/json/json.js';

/** The folders that elements of a `foreach` are about, by their task_id. */
export type Folders = ReadonlyMap<string, string>;

/** One line for an event of the history; null for those that a reader of the demo need not see. */
export function describeEvent(event: HistoryEvent, folders: Folders = new Map()): string | null {
  const task = nameTask(event.task, folders);
  const text = (key: string): string => String(event.data[key] ?? '');
  switch (event.event_type) {
    case 'phase_started':
      return `▸ ${event.phase ?? ''}${Number(event.data['visit'] ?? 1) > 1 ? ` (visit ${text('visit')})` : ''}`;
    case 'task_claimed':
      return `    ${task} ← ${text('agent_id')}`;
    case 'subworkflow_created':
      return `    ${task} → child ${text('instance_id')}`;
    case 'task_completed':
      return `    ${task} ✓${event.data['decision'] === undefined ? '' : ` ${text('decision')}`}`;
    case 'task_attempt_failed':
    case 'task_failed':
    case 'phase_failed':
      return describeFailure(event, folders);
    case 'task_retried':
      return `    ${task} once more`;
    case 'trigger_rejected':
      return `    a trigger was refused: ${text('message')}`;
    default:
      return null;
  }
}

/** Null for a phase that failed with one of its tasks: the task's own event has said why. */
function describeFailure({ data, task, phase }: HistoryEvent, folders: Folders): string | null {
  const why = ['type', 'message'].map((key) => data[key]).filter((part) => typeof part === 'string');
  if (why.length === 0) return null;
  return `    ${task === null ? (phase ?? '') : nameTask(task, folders)} ✗ ${why.join(': ')}`;
}

/** What a phase brought, for the event that completed it; null where there is nothing to say. */
export function describePhaseEnd(event: HistoryEvent, visits: readonly HistoryEntry[]): string | null {
  if (event.event_type !== 'phase_completed') return null;
  const visit = visits.find((entry) => entry.phase === event.phase && entry.ended_at === event.timestamp);
  const data: Json = visit?.trigger_data_snapshot ?? null;
  if (!isJsonObject(data)) return null;
  if (event.phase === 'inventory' && data['files'] !== undefined) {
    return `    ${String(data['files'])} files, ${String(data['source_files'])} of them source`;
  }
  if (event.phase === 'check' && typeof data['reason'] === 'string') {
    return `    ${data['verdict'] === 'again' ? 'Back for another round' : 'Passed'}: ${data['reason']}`;
  }
  return null;
}

/** The folders of the elements that a state shows. */
export function foldersOf({ tasks }: WorkflowState): readonly (readonly [string, string])[] {
  return tasks.flatMap(({ task_id, item = null }) => {
    const folder = isJsonObject(item) ? item['folder'] : undefined;
    return typeof folder === 'string' ? [[task_id, folder] as const] : [];
  });
}

/** What goes on right now: phase, progress, and who works on what. */
export function describeNow(state: WorkflowState): string {
  const open = state.tasks.filter((task) => task.status === 'open');
  const working = open.filter((task) => task.claimed_by !== undefined);
  const children = open.filter((task) => task.instance_id !== undefined);
  const free = open.length - working.length - children.length;
  const who = working.map((task) => `${task.name}${element(task)} ← ${task.claimed_by ?? ''}`).join(', ');
  const below = children.length > 0 ? `${String(children.length)} in children` : '';
  const waiting = free > 0 ? `${String(free)} waiting` : '';
  return `${state.current_phase ?? state.status}: ${[who, below, waiting].filter((part) => part !== '').join(', ')}`;
}

function element(task: Task): string {
  return task.index === undefined ? '' : `[${String(task.index)}]`;
}

/** `analyse#2/long_functions[3]` → `long_functions[3] src/core`, as far as its folder is known. */
function nameTask(taskId: string | null, folders: Folders): string {
  if (taskId === null) return '';
  const folder = folders.get(taskId);
  return `${taskId.slice(taskId.indexOf('/') + 1)}${folder === undefined ? '' : ` ${folder}`}`;
}
