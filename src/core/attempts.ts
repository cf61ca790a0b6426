/** Attempts of executors: queued, started as activities when a slot is free, cancelled with their task. */
import type { Executor } from '../definition/definition.js';
import { queuedChild } from './create-child.js';
import { endChild } from './end-child.js';
import { startChild, startInput } from './start-child.js';
import { countRunning } from './tree-figures.js';
import { parseTemplate } from '../expression/index.js';
import { digest } from '../json/canonical-json.js';
import { jsonSize } from '../json/json-size.js';
import type { Json, JsonObject } from '../json/json.js';
import { NUMBER_RANGES } from '../json/number-ranges.js';
import { render, renderNumber, type Place } from './evaluate.js';
import type { Problem } from './errors.js';
import { Fault } from './fault.js';
import { LIMITS } from './limits.js';
import { reuseKey } from './reuse.js';
import { taskExtras, type ScopeExtras } from './scope.js';
import type { InstanceState, TaskState } from './state.js';
import type { Turn } from './turn.js';

/** What the workflow shell schedules: an activity's name, its queue and its input. */
export interface ActivityRequest {
  readonly activity: string;
  readonly task_queue?: string;
  readonly input: Json;
  /** Evaluated as the attempt was queued; absent where the definition gives the number itself. */
  readonly heartbeat_sec?: number;
}

/** The activity of an executor, its templates rendered. */
export function renderExecutor(
  turn: Turn,
  executor: Executor,
  place: Place,
  extras: ScopeExtras,
): ActivityRequest {
  const { type, ...fields } = executor;
  if (executor.type === 'http') {
    const options = { refuseSecretsInData: true };
    const input = render(turn, fields, place, extras, options) as JsonObject;
    return { activity: 'chatflow.http', input: { ...input, secrets: secretsIn(fields) } };
  }
  if (executor.type !== 'activity') {
    return { activity: `chatflow.${type}`, input: render(turn, fields, place, extras) };
  }
  return {
    activity: executor.activity,
    ...(executor.task_queue === undefined ? {} : { task_queue: executor.task_queue }),
    input: render(turn, executor.input ?? {}, place, extras),
  };
}

/** The secrets that the definition's own text names: data that happens to look like one stays text. */
function secretsIn(template: Json): string[] {
  if (typeof template === 'string') return [...parseTemplate(template).secrets];
  if (typeof template !== 'object' || template === null) return [];
  return [...new Set(Object.values(template).flatMap((value) => secretsIn(value ?? null)))];
}

/** Renders the executor of a task and queues an attempt; `startQueued` starts it. */
export function queueAttempt(turn: Turn, task: TaskState): void {
  const { executor } = turn.taskDefinition(task);
  if (!executor) throw new Error(`task ${task.id} has no executor`);
  const request = renderRequest(turn, task, executor);
  if (judgeInput(turn, task, request)) return;
  // 64 bits tell the elements of one instance apart, and ten thousand of them have to fit into its state.
  const { heartbeat_sec: _beat, ...asked } = request;
  const request_digest = task.group === undefined ? undefined : digest(asked).slice(0, 16);
  const reusable =
    request_digest !== undefined && turn.state.reusable[reuseKey(task, request_digest)] !== undefined;
  turn.patchTask(task, {
    waits: 'executor',
    queued: reusable ? undefined : true,
    request: request as unknown as Json,
    request_digest,
  });
  if (reusable) turn.attention.push(task.id);
  else turn.state.queue = [...turn.state.queue, task.id];
  if (turn.state.status === 'created') turn.state.status = 'running';
}

/** What an attempt asks for. Starting it cannot fail: what `${…}` gives for its heartbeat is evaluated with it. */
function renderRequest(turn: Turn, task: TaskState, executor: Executor): ActivityRequest {
  const extras = taskExtras(task);
  const at = (field: string) => ({ phase: task.phase, task: task.name, field });
  const request = renderExecutor(turn, executor, at('executor'), extras);
  const { heartbeat_sec: template } = turn.taskDefinition(task);
  if (typeof template !== 'string') return request;
  const heartbeat_sec = renderNumber(turn, template, NUMBER_RANGES.seconds, at('heartbeat_sec'), extras);
  return { ...request, heartbeat_sec };
}

/** Says whether an input is too large for an activity: then `settle` fails the task. */
function judgeInput(turn: Turn, task: TaskState, { input }: ActivityRequest): boolean {
  const problem = tooLarge(turn, input, `The input of task ${task.id}`);
  if (!problem) return false;
  turn.patchTask(task, { waits: 'executor' });
  turn.unfit.set(task.id, problem);
  turn.attention.push(task.id);
  return true;
}

/** Why a value cannot be handed to Temporal, which fails the workflow task for ever over a larger one. */
export function tooLarge(turn: Turn, value: Json, what: string): Problem | null {
  const limit = LIMITS.payloadBytes;
  if (turn.state.engine_version < 3 || jsonSize(value) <= limit) return null;
  return {
    type: 'PayloadTooLargeError',
    message: `${what} has more than ${limit} bytes of JSON: keep large data in artifacts and send references`,
    details: { limit, size_bytes: jsonSize(value) },
  };
}

/** Starts what is queued while there is room. Nothing new starts in a pause, or before a continue-as-new. */
export function startQueued(turn: Turn): void {
  const { state } = turn;
  if (state.queue.length === 0 || !mayStart(state)) return;
  let taken = 0;
  for (const key of state.queue.slice(0, Math.max(0, roomOf(state)))) {
    if (!startOne(turn, key)) break;
    taken += 1;
  }
  if (taken > 0) state.queue = state.queue.slice(taken);
  if (isQueueWaiting(state)) forgetInputs(turn);
}

/** How many more may be open at once, activities and children together. */
function roomOf(state: InstanceState): number {
  return LIMITS.openActivities - state.running_activities - countRunning(state);
}

/** Starts what stands under a key of the queue; false where that has to wait for the next event. */
function startOne(turn: Turn, key: string): boolean {
  const id = queuedChild(key);
  if (id !== undefined) return startChildIfFits(turn, id);
  const task = turn.task(key);
  return !task?.queued || startIfFits(turn, task);
}

function startChildIfFits(turn: Turn, id: string): boolean {
  const child = turn.state.children?.[id];
  const input = child && startInput(turn, child);
  if (!child || !input) return true;
  const bytes = jsonSize(input as unknown as Json);
  const isFull =
    turn.startedChildren >= LIMITS.childStarts || turn.startedBytes + bytes > LIMITS.startedBytes;
  if (isFull && turn.startedChildren > 0) return false;
  turn.startedChildren += 1;
  turn.startedBytes += bytes;
  startChild(turn, child, input);
  return true;
}

function mayStart({ paused, draining }: InstanceState): boolean {
  return paused === null && !draining;
}

/** Whether something is queued that only waits for the next event: this one has started enough. */
export function isQueueWaiting(state: InstanceState): boolean {
  if (state.engine_version < 3 || state.queue.length === 0) return false;
  return mayStart(state) && state.closed_at === null && roomOf(state) > 0;
}

/** Starts an attempt, unless this event has started so much that Temporal would refuse the whole. */
function startIfFits(turn: Turn, task: TaskState): boolean {
  const request = requestOf(turn, task);
  if (!request) return true;
  const bytes = jsonSize(request.input);
  const isFull = turn.startedBytes > 0 && turn.startedBytes + bytes > LIMITS.startedBytes;
  if (isFull && turn.state.engine_version >= 3) return false;
  turn.startedBytes += bytes;
  startAttempt(turn, task, request);
  return true;
}

/** The request as it was rendered, or anew where it was forgotten; null where that fails: `settle` fails the task. */
function requestOf(turn: Turn, task: TaskState): ActivityRequest | null {
  if (task.request !== undefined) return task.request as unknown as ActivityRequest;
  const { executor } = turn.taskDefinition(task);
  if (!executor) throw new Error(`task ${task.id} has no executor`);
  try {
    const request = renderRequest(turn, task, executor);
    return judgeInput(turn, task, request) ? null : request;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    turn.unfit.set(task.id, error.problem);
    turn.attention.push(task.id);
    return null;
  }
}

/** Inputs that wait would fill the state: large ones are rendered anew when they start. */
const KEPT_INPUT_BYTES = 1024;

function forgetInputs(turn: Turn): void {
  for (const key of turn.state.queue) {
    const task = turn.task(key);
    if (task?.request !== undefined && jsonSize(task.request) > KEPT_INPUT_BYTES)
      turn.patchTask(task, { request: undefined });
  }
}

function startAttempt(turn: Turn, task: TaskState, request: ActivityRequest): void {
  const own = request.activity.startsWith('chatflow.');
  const literal = turn.taskDefinition(task).heartbeat_sec as number | undefined;
  const heartbeat_sec = request.heartbeat_sec ?? literal ?? (own ? LIMITS.ownHeartbeatSec : undefined);
  turn.patchTask(task, { queued: undefined, running: true, request: undefined });
  turn.state.running_activities += 1;
  turn.record('task_started', {
    phase: task.phase,
    task: task.id,
    data: { attempt: task.attempts, activity: request.activity },
  });
  turn.command({
    type: 'schedule_activity',
    key: attemptKey(task),
    task_id: task.id,
    attempt: task.attempts,
    activity: request.activity,
    ...(request.task_queue === undefined ? {} : { task_queue: request.task_queue }),
    input: withAttempt(request, task),
    timeout_sec: secondsLeft(turn, task),
    ...(heartbeat_sec === undefined ? {} : { heartbeat_sec }),
  });
}

/** The engine's own activities are told which attempt they are: with the workflow's id, an idempotency key. */
function withAttempt(request: ActivityRequest, task: TaskState): Json {
  if (!request.activity.startsWith('chatflow.')) return request.input;
  return { ...(request.input as JsonObject), task_id: task.id, attempt: task.attempts };
}

/** Seconds until the task's own deadline, at least 1: the bound of one attempt. */
function secondsLeft(turn: Turn, task: TaskState): number {
  const deadline = turn.state.deadlines[`timeout:${task.id}`];
  const left = deadline ? (deadline.at - turn.at) / 1000 : LIMITS.executorTimeoutSec;
  return Math.max(1, Math.ceil(left));
}

/** Names an attempt: the activity's id, and the key its result comes back under. */
export function attemptKey(task: TaskState): string {
  return `${task.id}/${task.attempts}`;
}

/** Cancels what runs for a task and takes it out of the queue. Its slot is free once the activity has closed. */
export function stopAttempt(turn: Turn, task: TaskState): void {
  const child = task.child === undefined ? undefined : turn.state.children?.[task.child];
  if (child) endChild(turn, child, `Task ${task.id} is over`);
  if (task.running) turn.command({ type: 'cancel_activity', key: attemptKey(task) });
  if (task.queued) turn.state.queue = turn.state.queue.filter((id) => id !== task.id);
}
