/** What an activity brought: the result or the failure of an executor's attempt, or of a compensation. */
import { attemptKey } from './attempts.js';
import { usageOf } from './answer-task.js';
import { completeTask } from './close-task.js';
import { isKill, retryKill } from './end-child.js';
import { recordCompensation, recordLate } from './end-instance.js';
import type { CoreEvent } from './event.js';
import { addUsage } from './quota.js';
import { failAttempt } from './route-failure.js';
import { guarded, settle } from './settle.js';
import type { Usage } from './shapes.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

type ResultEvent = Extract<CoreEvent, { type: 'activity_completed' | 'activity_failed' }>;

const COMPENSATE = 'compensate:';

/** Every activity that was scheduled ends in exactly one such event. */
export function receiveResult(turn: Turn, event: ResultEvent): void {
  turn.state.running_activities = Math.max(0, turn.state.running_activities - 1);
  if (isCompensation(event.key)) {
    turn.state.compensation_running = false;
    recordCompensation(
      turn,
      event.key.slice(COMPENSATE.length),
      event.type === 'activity_failed' ? event.problem : null,
    );
    settle(turn);
    return;
  }
  if (isKill(event.key)) {
    if (event.type === 'activity_failed') retryKill(turn, event.key);
    return;
  }
  if (turn.state.paused) turn.append('held', event);
  else applyResult(turn, event);
}

/** Whether an activity's key is that of a compensation. */
export function isCompensation(key: string): boolean {
  return key.startsWith(COMPENSATE);
}

/** Applies a result to its task; one that comes late is recorded as superseded. */
function applyResult(turn: Turn, event: ResultEvent): void {
  const task = runningTask(turn, event.key);
  if (turn.state.closed_at === null) addUsage(turn, spentBy(event));
  if (!task) {
    recordLate(turn, event);
    settle(turn);
    return;
  }
  guarded(turn, task, () => {
    if (event.type === 'activity_completed') {
      completeTask(turn, { ...task, running: false }, { data: event.result, merges: false });
    } else failAttempt(turn, turn.patchTask(task, { running: undefined }), event.problem);
    return true;
  });
  settle(turn);
}

/** What an attempt has spent is spent, whether it failed or comes too late. */
function spentBy(event: ResultEvent): Usage | undefined {
  return usageOf(event.type === 'activity_completed' ? event.result : { usage: event.usage ?? {} });
}

function runningTask(turn: Turn, key: string): TaskState | undefined {
  const task = turn.task(key.slice(0, key.lastIndexOf('/')));
  return task?.status === 'open' && task.running && attemptKey(task) === key ? task : undefined;
}
