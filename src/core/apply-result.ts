/** What an activity brought: the result or the failure of an executor's attempt, or of a compensation. */
import { attemptKey } from './attempts.js';
import { usageOf } from './answer-task.js';
import { completeTask } from './close-task.js';
import { recordCompensation } from './end-instance.js';
import type { CoreEvent } from './event.js';
import { addUsage } from './quota.js';
import { failAttempt } from './route-failure.js';
import { guarded, settle } from './settle.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

type ResultEvent = Extract<CoreEvent, { type: 'activity_completed' | 'activity_failed' }>;

/** Every activity that was scheduled ends in exactly one such event. */
export function receiveResult(turn: Turn, event: ResultEvent): void {
  turn.state.running_activities = Math.max(0, turn.state.running_activities - 1);
  if (event.key.startsWith('compensate:')) {
    turn.state.compensation_running = false;
    recordCompensation(
      turn,
      event.key.slice('compensate:'.length),
      event.type === 'activity_failed' ? event.problem : null,
    );
    settle(turn);
    return;
  }
  if (turn.state.paused) turn.append('held', event);
  else applyResult(turn, event);
}

/** Applies a result to its task; one that comes late is recorded as superseded. */
export function applyResult(turn: Turn, event: ResultEvent): void {
  const task = runningTask(turn, event.key);
  if (!task) {
    const id = event.key.slice(0, event.key.lastIndexOf('/'));
    turn.record('task_superseded', { task: id, data: { late: event.type, key: event.key } });
    settle(turn);
    return;
  }
  guarded(turn, task.phase, () => {
    if (event.type === 'activity_completed') {
      addUsage(turn, usageOf(event.result));
      completeTask(turn, { ...task, running: false }, { data: event.result, merges: false });
    } else failAttempt(turn, turn.patchTask(task, { running: undefined }), event.problem);
    return true;
  });
  settle(turn);
}

function runningTask(turn: Turn, key: string): TaskState | undefined {
  const task = turn.task(key.slice(0, key.lastIndexOf('/')));
  return task?.status === 'open' && task.running && attemptKey(task) === key ? task : undefined;
}
