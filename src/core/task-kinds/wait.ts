import type { Wait } from '../../definition/definition.js';
import type { Json } from '../../json/json.js';
import { completeTask } from '../close-task.js';
import { evaluate, expressionFault, renderSeconds, type Place } from '../evaluate.js';
import { taskExtras } from '../scope.js';
import type { Deadline, TaskState } from '../state.js';
import type { Turn } from '../turn.js';
import type { KindSemantics } from './kind-semantics.js';

/** A durable timer, or an expression that `settle` looks at after every change. */
export const wait: KindSemantics = {
  waits: 'timer',
  answeredBy: 'full-name',
  begin: (turn, task, definition) => {
    if (!definition.wait) throw new Error(`task ${task.id} has no wait`);
    turn.patchTask(task, { waits: 'timer' });
    if (turn.state.status === 'created') turn.state.status = 'running';
    if (definition.wait.type !== 'when') armWait(turn, task, definition.wait);
  },
};

function armWait(turn: Turn, task: TaskState, waiting: Exclude<Wait, { type: 'when' }>): void {
  const place = { phase: task.phase, task: task.name, field: `wait.${waiting.type}` };
  if (waiting.type === 'for_sec') {
    const seconds = renderSeconds(turn, waiting.for_sec, place, taskExtras(task));
    arm(turn, task, { at: turn.at + Math.ceil(seconds * 1000), kind: 'wait' });
    return;
  }
  const value = evaluate(turn, waiting.until, place, taskExtras(task));
  arm(turn, task, { at: parseInstant(value, waiting.until, place), kind: 'until' });
}

function arm(turn: Turn, task: TaskState, deadline: Omit<Deadline, 'task'>): void {
  turn.setDeadline(waitKey(task), { ...deadline, task: task.id });
  if (turn.state.engine_version >= 3 && deadline.at <= turn.at) turn.attention.push(task.id);
}

/**
 * Completes a wait whose time has come already as it opens. A timer would only add events to the history, and a loop
 * of phases that waits for nothing would go round for ever instead of meeting `PhaseLoopError`.
 */
export function completeDueWait(turn: Turn, task: TaskState): void {
  const deadline = turn.state.deadlines[waitKey(task)];
  if (!deadline || deadline.at > turn.at) return;
  completeTask(turn, task, { data: {}, merges: false });
}

function waitKey(task: TaskState): string {
  return `wait:${task.id}`;
}

/** An ISO-8601 time with its zone: without one it would mean another moment on every host. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseInstant(value: Json, source: string, place: Place): number {
  if (typeof value === 'number' && value >= 0 && value < 1e11) return Math.ceil(value * 1000);
  const ms = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw expressionFault(
    place,
    source,
    'gives no time: an ISO-8601 string with its zone, or seconds since 1970, is due',
  );
}
