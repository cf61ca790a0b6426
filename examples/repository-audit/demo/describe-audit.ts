import type { HistoryEntry, HistoryEvent, Task, WorkflowState } from '../../../src/core/shapes.js';
import { isJsonObject, type Json } from '../../../src/json/json.js';

/** One line for an event of the history; null for those that a reader of the demo need not see. */
export function describeEvent(event: HistoryEvent): string | null {
  const task = shortTask(event.task);
  const text = (key: string): string => String(event.data[key] ?? '');
  switch (event.event_type) {
    case 'phase_started':
      return `▸ ${event.phase ?? ''}${Number(event.data['visit'] ?? 1) > 1 ? ` (visit ${text('visit')})` : ''}`;
    case 'task_claimed':
      return `    ${task} ← ${text('agent_id')}`;
    case 'task_completed':
      return `    ${task} ✓${event.data['decision'] === undefined ? '' : ` ${text('decision')}`}`;
    case 'task_attempt_failed':
    case 'task_failed':
    case 'phase_failed':
      return describeFailure(event);
    case 'task_retried':
      return `    ${task} once more`;
    case 'trigger_rejected':
      return `    a trigger was refused: ${text('message')}`;
    default:
      return null;
  }
}

/** Null for a phase that failed with one of its tasks: the task's own event has said why. */
function describeFailure({ data, task, phase }: HistoryEvent): string | null {
  const why = ['type', 'message'].map((key) => data[key]).filter((part) => typeof part === 'string');
  if (why.length === 0) return null;
  return `    ${task === null ? (phase ?? '') : shortTask(task)} ✗ ${why.join(': ')}`;
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

/** What goes on right now: phase, progress, and who works on what. */
export function describeNow(state: WorkflowState): string {
  const open = state.tasks.filter((task) => task.status === 'open');
  const working = open.filter((task) => task.claimed_by !== undefined);
  const free = open.length - working.length;
  const who = working.map((task) => `${task.name}${element(task)} ← ${task.claimed_by ?? ''}`).join(', ');
  const waiting = free > 0 ? `${String(free)} waiting` : '';
  return `${state.current_phase ?? state.status}: ${[who, waiting].filter((part) => part !== '').join(', ')}`;
}

function element(task: Task): string {
  return task.index === undefined ? '' : `[${String(task.index)}]`;
}

/** `analyse#2/long_functions[3]` → `long_functions[3]`. */
function shortTask(taskId: string | null): string {
  return taskId === null ? '' : taskId.slice(taskId.indexOf('/') + 1);
}
