/** Timeouts of tasks: they cover a task from its opening to its close. */
import { cancelElements } from './close-task.js';
import { failTask } from './route-failure.js';
import type { TaskState } from './state.js';
import { isoTime, type Turn } from './turn.js';

/** Fails a task that was not done in time. */
export function timeOut(turn: Turn, task: TaskState): void {
  const message = `Task ${task.id} was not done in time [opened_at=${isoTime(task.opened_at ?? turn.at)}]`;
  if (task.foreach) cancelElements(turn, task, 'cancelled');
  const details = { task: task.id, attempts: task.attempts };
  failTask(turn, task, { type: 'TimeoutError', message, details }, { timedOut: true });
}

/**
 * Fails a task whose time was over as it opened. With a timer instead, a loop of phases that times out at once would go
 * round for ever instead of meeting `PhaseLoopError`.
 */
export function timeOutAtOnce(turn: Turn, task: TaskState): void {
  const deadline = turn.state.deadlines[`timeout:${task.id}`];
  if (deadline && deadline.at <= (task.opened_at ?? 0)) timeOut(turn, task);
}
