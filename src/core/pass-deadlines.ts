/** Deadlines exist only once their timer has fired; what came before it in the same task has won. */
import { isQueueWaiting } from './attempts.js';
import { completeTask, isOpen } from './close-task.js';
import { killChild } from './end-child.js';
import { LIMITS } from './limits.js';
import { goesOnInPause } from './pause-clocks.js';
import { reopenTask } from './open-task.js';
import { guarded, settle } from './settle.js';
import type { Deadline, InstanceState, TaskState } from './state.js';
import { mayReplay } from './replay-held.js';
import { timeOut } from './time-out.js';
import type { Turn } from './turn.js';

/**
 * When the next deadline is due; null where there is none. In a pause only points in time are left. What an event was
 * too short for is due at once.
 */
export function nextDeadline(state: InstanceState): number | null {
  if (mayReplay(state) || isQueueWaiting(state)) return state.updated_at;
  let next: number | null = null;
  for (const deadline of Object.values(state.deadlines)) {
    if (standsStill(state, deadline)) continue;
    if (next === null || deadline.at < next) next = deadline.at;
  }
  return next;
}

/** In a pause clocks stand still. */
function standsStill(state: InstanceState, deadline: Deadline): boolean {
  return state.paused !== null && !goesOnInPause(deadline);
}

/** Applies every deadline up to `due`, the earliest first. */
export function passDeadlines(turn: Turn, due: number): void {
  const passed = Object.entries(turn.state.deadlines)
    .filter(([, deadline]) => deadline.at <= due && !standsStill(turn.state, deadline))
    .sort(([, a], [, b]) => a.at - b.at);
  for (const [key, deadline] of passed) {
    if (turn.state.deadlines[key] !== deadline || standsStill(turn.state, deadline)) continue;
    turn.clearDeadline(key);
    passOne(turn, deadline);
    settle(turn);
  }
}

function passOne(turn: Turn, deadline: Deadline): void {
  if (deadline.kind === 'kill' && deadline.child !== undefined) {
    killChild(turn, deadline.child, `It was asked to end ${LIMITS.childEndSec} seconds ago`);
    return;
  }
  const task = deadline.task === undefined ? undefined : turn.task(deadline.task);
  if (!task || !isOpen(task)) return;
  guarded(turn, task, () => {
    actOn(turn, task, deadline.kind);
    return true;
  });
}

function actOn(turn: Turn, task: TaskState, kind: Deadline['kind']): void {
  switch (kind) {
    case 'timeout':
      timeOut(turn, task);
      return;
    case 'retry':
      reopenTask(turn, task);
      return;
    case 'wait':
    case 'until':
      completeTask(turn, task, { data: {}, merges: false });
      return;
    case 'duration':
    case 'report':
    case 'kill':
      return;
  }
}
