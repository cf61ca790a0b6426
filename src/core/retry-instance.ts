/** Retry: a failed instance goes on from where it failed; an open one tries one failed task again. */
import type { Json } from '../json/json.js';
import { isClosed } from './close-task.js';
import { refuseClosed } from './apply-trigger.js';
import { refuse } from './fault.js';
import { armDuration, elapsedMs } from './quota.js';
import { settle } from './settle.js';
import { statusReply } from './lifecycle.js';
import type { RetryRequest, RetryTaskRequest } from './shapes.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';
import { viewTask } from './view-task.js';

/** Goes on from the failure of a closed instance: ids, totals, history and finished work stay. */
export function retryInstance(turn: Turn, request: RetryRequest): Json {
  const { state } = turn;
  if (state.status !== 'failed') {
    refuse(
      'InvalidInputError',
      `Only a failed instance can be retried, this one is ${state.status} [instance_id=${state.instance_id}]`,
      { status: state.status },
    );
  }
  const failure = state.failure;
  const carried = elapsedMs(state, turn.at);
  state.clock = { started_at: turn.at, carried_ms: carried, paused_ms: 0 };
  state.status = 'running';
  state.closed_at = null;
  state.ending = null;
  state.failure = null;
  state.finally_done = false;
  // What was in flight when the run closed will not be heard of again.
  state.running_activities = 0;
  state.compensation_running = false;
  state.compensating = [];
  state.queue = [];
  state.draining = false;
  state.resource_quota = { ...state.resource_quota, ...request.resource_quota };
  armDuration(turn);
  turn.record('workflow_retried', {
    ...(failure?.phase ? { phase: failure.phase } : {}),
    data: { failure: failure?.type ?? null },
  });
  goOn(turn, request.guidance);
  settle(turn);
  return statusReply(turn);
}

function goOn(turn: Turn, guidance: string | undefined): void {
  const { state } = turn;
  const undone = earliestCompensated(turn);
  const { failed_entry: entry, failed_visit: visit } = state;
  state.failed_entry = null;
  state.failed_visit = null;
  if (undone) state.entry = { phase: undone.phase };
  else if (entry) state.entry = entry;
  else if (visit) {
    state.current = visit;
    turn.patchPhase(visit.phase, { status: 'running' });
    reviveTasks(turn, guidance);
  }
}

/** What was compensated counts as not done: the run goes on from the earliest of it. */
function earliestCompensated(turn: Turn): TaskState | undefined {
  return Object.values(turn.state.tasks)
    .filter((task) => task.compensated)
    .sort((a, b) => a.entered - b.entered)[0];
}

function reviveTasks(turn: Turn, guidance: string | undefined): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (task.revivable && isClosed(task)) reviveTask(turn, task, guidance);
  }
}

function reviveTask(turn: Turn, task: TaskState, guidance: string | undefined): void {
  turn.patchTask(task, {
    status: 'pending',
    error: undefined,
    closed_at: undefined,
    claim: undefined,
    revivable: undefined,
    ...(guidance === undefined ? {} : { guidance }),
  });
}

/** Tries a failed task of the current visit again (one that failed under `continue`). */
export function retryTask(turn: Turn, request: RetryTaskRequest): Json {
  refuseClosed(turn.state);
  const { current } = turn.state;
  const task = Object.values(turn.state.tasks).find(
    (candidate) =>
      candidate.id === request.task ||
      (candidate.name === request.task && candidate.entered === current?.entered),
  );
  const running = current && turn.phaseState(current.phase).status === 'running';
  if (!task || task.status !== 'failed' || task.entered !== current?.entered || !running) {
    return refuse('TaskNotFoundError', `No failed task ${request.task} in the current visit`, {
      task: request.task,
      status: task?.status ?? null,
    });
  }
  if (request.resource_quota)
    turn.state.resource_quota = { ...turn.state.resource_quota, ...request.resource_quota };
  reviveTask(turn, task, request.guidance);
  turn.record('task_retried', { phase: task.phase, task: task.id });
  settle(turn);
  return viewTask(turn.state, turn.task(task.id) ?? task) as unknown as Json;
}
