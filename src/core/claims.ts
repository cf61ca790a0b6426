/** Claims: a lease on a task, so that of two agents asking at once one gets it. */
import type { Json } from '../json/json.js';
import type { CoreEvent } from './event.js';
import { refuse } from './fault.js';
import { claimedTask, notFound, openTasks } from './find-target.js';
import { refuseClosed } from './apply-trigger.js';
import type { ClaimRequest, Task } from './shapes.js';
import type { TaskState } from './state.js';
import { isoTime, type Turn } from './turn.js';
import { viewTask } from './view-task.js';

type Claimed = Extract<CoreEvent, { type: 'task_claimed' }>;
type Extended = Extract<CoreEvent, { type: 'lease_extended' }>;
type Released = Extract<CoreEvent, { type: 'task_released' }>;

/** Gives a task to an agent; the same `agent_id` and `request_id` get the same claim again. */
export function claimTask(turn: Turn, event: Claimed): Json {
  refuseClosed(turn.state);
  const { request } = event;
  const repeated = findRepeated(turn, request);
  if (repeated) return withClaim(turn, repeated);
  const task = request.task === undefined ? oldestFree(turn) : namedTask(turn, request.task);
  const claimed = turn.patchTask(task, {
    claim: {
      claim_id: event.claim_id,
      agent_id: request.agent_id,
      lease_sec: request.lease_sec,
      expires_at: turn.at + request.lease_sec * 1000,
      ...(request.request_id === undefined ? {} : { request_id: request.request_id }),
    },
  });
  if (turn.state.status === 'created') turn.state.status = 'running';
  turn.record('task_claimed', {
    phase: task.phase,
    task: task.id,
    data: { agent_id: request.agent_id, lease_sec: request.lease_sec },
  });
  return withClaim(turn, claimed);
}

function findRepeated(turn: Turn, request: ClaimRequest): TaskState | undefined {
  if (request.request_id === undefined) return undefined;
  return Object.values(turn.state.tasks).find(
    ({ claim }) => claim?.request_id === request.request_id && claim?.agent_id === request.agent_id,
  );
}

function isClaimable(task: TaskState): boolean {
  return task.waits === 'agent' || task.waits === 'approval';
}

function isFree(task: TaskState, at: number): boolean {
  return !task.claim || task.claim.expires_at <= at;
}

function oldestFree(turn: Turn): TaskState {
  const free = openTasks(turn.state).filter((task) => task.waits === 'agent' && isFree(task, turn.at));
  const [oldest] = free.sort((a, b) => (a.opened_at ?? 0) - (b.opened_at ?? 0) || a.order - b.order);
  return oldest ?? notFound(turn.state, 'No agent task is open and unclaimed');
}

function namedTask(turn: Turn, name: string): TaskState {
  const open = openTasks(turn.state).filter(isClaimable);
  const short = (task: TaskState): string => task.id.slice(task.id.indexOf('/') + 1);
  const task =
    open.find((candidate) => candidate.id === name) ??
    open.find((candidate) => candidate.entered === turn.state.current?.entered && short(candidate) === name);
  if (!task) return notFound(turn.state, `No open task ${name} can be claimed`);
  if (isFree(task, turn.at)) return task;
  return refuse('TaskAlreadyClaimedError', `Task ${task.id} is claimed by ${task.claim?.agent_id}`, {
    task: task.id,
    claimed_by: task.claim?.agent_id ?? null,
    lease_expires_at: task.claim ? isoTime(task.claim.expires_at) : null,
  });
}

/** Extends a lease, counted from now. */
export function extendLease(turn: Turn, event: Extended): Json {
  refuseClosed(turn.state);
  const task = claimedTask(turn.state, event.request.claim_id);
  if (!task.claim) return null;
  const lease_sec = event.request.lease_sec ?? task.claim.lease_sec;
  return withClaim(
    turn,
    turn.patchTask(task, { claim: { ...task.claim, lease_sec, expires_at: turn.at + lease_sec * 1000 } }),
  );
}

/** Gives a task back. */
export function releaseTask(turn: Turn, event: Released): Json {
  refuseClosed(turn.state);
  const task = claimedTask(turn.state, event.request.claim_id);
  const released = turn.patchTask(task, { claim: undefined });
  turn.record('task_released', {
    phase: task.phase,
    task: task.id,
    data: { agent_id: task.claim?.agent_id ?? null },
  });
  return viewTask(turn.state, released) as unknown as Json;
}

/** The claim_id is shown to who holds it, and in no other answer. */
function withClaim(turn: Turn, task: TaskState): Json {
  const view: Task = { ...viewTask(turn.state, task), claim_id: task.claim?.claim_id ?? '' };
  return view as unknown as Json;
}
