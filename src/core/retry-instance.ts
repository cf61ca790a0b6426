/** Retry: a failed instance goes on from where it failed; an open one tries one failed task again. */
import type { ResourceQuota } from '../definition/definition.js';
import type { Json } from '../json/json.js';
import { resultAt } from './element-results.js';
import { openTask, reopenElement, triedBefore } from './open-task.js';
import { refuseClosed } from './apply-trigger.js';
import { refusalOf, refuse } from './fault.js';
import { tooMuch } from './create-child.js';
import { armDuration, elapsedMs, leftOf, SUBTRACTED } from './quota.js';
import { guarded, settle } from './settle.js';
import { extendForRetry, refuseFractions, refuseLower, refuseUsedUp } from './extend-quota.js';
import { statusReply } from './lifecycle.js';
import type { RetryRequest, RetryTaskRequest } from './shapes.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';
import { allowVisit } from './undo-visits.js';
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
  if (state.engine_version >= 7 && request.resource_quota)
    refuseLower(state.resource_quota, request.resource_quota);
  if (state.engine_version >= 9 && request.resource_quota) {
    refuseFractions(request.resource_quota);
    refuseUsedUp(turn, request.resource_quota);
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
  delete state.windows_held;
  state.resource_quota = { ...state.resource_quota, ...request.resource_quota };
  armDuration(turn);
  turn.record('workflow_retried', {
    ...(failure?.phase ? { phase: failure.phase } : {}),
    data: { failure: failure?.type ?? null },
  });
  forgetRequests(turn);
  goOn(turn, request.guidance);
  settle(turn);
  return statusReply(turn);
}

/** Children that were asked for and ended with the instance do not come back by themselves: asked again, they are new. */
function forgetRequests({ state }: Turn): void {
  if (state.engine_version < 7 || state.past_children?.last === undefined) return;
  const last = state.past_children.last.map((child) => {
    if (child.status === 'completed' || child.request_id === undefined) return child;
    const { request_id: _asked, request_digest: _content, ...rest } = child;
    return rest;
  });
  state.past_children = { ...state.past_children, last };
}

/** From the entry that failed or was due; else within the visit that failed; else it was completing already. */
function goOn(turn: Turn, guidance: string | undefined): void {
  const { state } = turn;
  const { failed_entry: entry, failed_visit: visit } = state;
  state.failed_entry = null;
  state.failed_visit = null;
  if (visit) state.current = visit;
  if (entry) {
    allowVisit(turn, entry.phase);
    state.entry = guidance === undefined ? entry : { ...entry, guidance };
  } else if (visit) turn.patchPhase(visit.phase, { status: 'running' });
  else state.ending = { outcome: 'completed', stage: 'drain' };
  reviveTasks(turn, entry ? undefined : visit?.entered, guidance);
}

/** Tasks of the visit open in their turn; what ran on beside the phases opens at once. */
function reviveTasks(turn: Turn, entered: number | undefined, guidance: string | undefined): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (!task.revivable) continue;
    if (task.entered !== entered && !task.detached) {
      turn.patchTask(task, { revivable: undefined });
      continue;
    }
    const revived = reviveTask(turn, task, guidance);
    if (task.detached) guarded(turn, task, () => (openTask(turn, revived), true));
  }
}

function reviveTask(turn: Turn, task: TaskState, guidance: string | undefined): TaskState {
  return turn.patchTask(task, {
    status: 'pending',
    ...triedBefore(turn, task.attempts),
    error: undefined,
    output: undefined,
    closed_at: undefined,
    claim: undefined,
    approved: undefined,
    revivable: undefined,
    ...(guidance === undefined ? {} : { guidance }),
  });
}

/** Tries a failed task of the current visit again (one that failed under `continue`), or a foreach's element. */
export function retryTask(turn: Turn, request: RetryTaskRequest): Json {
  refuseClosed(turn.state);
  const reopen = findFailed(turn, request.task);
  if (!reopen) {
    return refuse('TaskNotFoundError', `No failed task ${request.task} in the current visit`, {
      task: request.task,
      status: turn.task(request.task)?.status ?? null,
    });
  }
  // Of a child it is the child's; of any other task the instance's own.
  if (request.resource_quota && reopen.kind !== 'subworkflow') extendForRetry(turn, request.resource_quota);
  const quota = reopen.kind === 'subworkflow' ? request.resource_quota : undefined;
  if (quota !== undefined && turn.state.engine_version >= 9) refuseTooMuch(turn, quota);
  const { phase } = reopen;
  const id = request.task.startsWith(`${phase}#`) ? request.task : `${phase}#${reopen.visit}/${request.task}`;
  turn.record('task_retried', { phase, task: id });
  guarded(turn, reopen, () => (reopen.again(request.guidance, quota), true));
  settle(turn);
  const task = turn.task(id);
  return task ? (viewTask(turn.state, task) as unknown as Json) : null;
}

/** What the next child is to have of its own must be there. */
function refuseTooMuch(turn: Turn, quota: ResourceQuota): void {
  refuseFractions(quota);
  for (const name of SUBTRACTED) {
    const wanted = quota[name];
    const left = leftOf(turn.state, name, turn.at);
    if (wanted === undefined || left === undefined || wanted <= left) continue;
    throw refusalOf(tooMuch(turn, name, wanted));
  }
}

interface Failed {
  readonly phase: string;
  readonly visit: number;
  readonly entered: number;
  readonly kind: TaskState['kind'];
  readonly again: (guidance: string | undefined, quota: ResourceQuota | undefined) => void;
}

/** A failed task of the running visit, by its id or its short name. */
function findFailed(turn: Turn, named: string): Failed | undefined {
  const { current } = turn.state;
  if (!current || turn.phaseState(current.phase).status !== 'running') return undefined;
  const { phase, visit, entered } = current;
  const id = named.startsWith(`${phase}#`) ? named : `${phase}#${visit}/${named}`;
  const task = turn.task(id);
  if (task?.entered === entered && task.status === 'failed')
    return {
      phase,
      visit,
      entered,
      kind: task.kind,
      again: (guidance, quota) => {
        const revived = reviveTask(turn, task, guidance);
        if (quota !== undefined) turn.patchTask(revived, { quota });
      },
    };
  const element = /^(?<slot>.*)\[(?<index>\d{1,9})\]$/.exec(id)?.groups;
  const slot = turn.task(element?.['slot'] ?? '');
  const index = Number(element?.['index']);
  const failed = slot?.foreach && resultAt(slot.foreach, index)?.status === 'failed';
  if (!failed || slot.status !== 'open' || slot.entered !== entered) return undefined;
  return {
    phase,
    visit,
    entered,
    kind: slot.kind,
    again: (guidance, quota) => reopenElement(turn, slot, { index, guidance, quota }),
  };
}
