/** The ways to an end: drain (complete), compensations, the `finally` phase, close. The first outcome stands. */
import type { ExpressionMap } from '../definition/definition.js';
import { renderExecutor, tooLarge } from './attempts.js';
import { cancelTask, isClosed } from './close-task.js';
import { entryAgain } from './entry-again.js';
import { evaluateOutputs } from './evaluate.js';
import { closeChildren, endChildren, killChildren } from './end-child.js';
import { Fault } from './fault.js';
import { goesOnInPause } from './pause-clocks.js';
import { openChildrenOf } from './tree-figures.js';
import { jsonSize } from '../json/json-size.js';
import type { JsonObject } from '../json/json.js';
import type { PhaseStatus, Failure, Problem, TriggerInput } from './shapes.js';
import { addUsage, findBreach } from './quota.js';
import type { Compensation, Ending, PendingEntry } from './state.js';
import type { Turn } from './turn.js';
import { allowVisit, undoVisits } from './undo-visits.js';
import { logVisit, visitEntry } from './visit-log.js';

/** Ends the current visit of a phase: its status and its entry in the log. */
export function closeVisit(turn: Turn, status: PhaseStatus): void {
  const { current } = turn.state;
  if (!current) return;
  turn.patchPhase(current.phase, { status });
  logVisit(turn, visitEntry(current, turn.phaseDefinition(current.phase), status, turn.at));
}

/** Everything that was opened has closed; tasks still pending were never begun. */
export function hasOpenTasks(turn: Turn): boolean {
  return Object.values(turn.state.tasks).some((task) => task.status === 'open');
}

/** Children are ended before what they have built upon is undone. */
export function hasOpenChildren({ state }: Turn): boolean {
  return openChildrenOf(state).length > 0;
}

function isBusy(turn: Turn): boolean {
  return hasOpenTasks(turn) || hasOpenChildren(turn);
}

/** Goes on to complete, once all that is open has closed. */
export function beginCompletion(turn: Turn): void {
  if (turn.state.ending) return;
  turn.state.ending = { outcome: 'completed', stage: 'drain' };
}

/** Fails the instance. `entry` is the phase that could not be entered, for a retry to go on from. */
export function failInstance(
  turn: Turn,
  problem: Problem,
  where: { phase?: string | undefined; task?: string | undefined; entry?: PendingEntry },
): void {
  const failure: Failure = {
    type: problem.type,
    message: problem.message,
    phase: where.phase ?? turn.state.current?.phase ?? null,
    task: where.task ?? null,
    ...(problem.details === undefined ? {} : { details: problem.details }),
  };
  beginUndoing(turn, { outcome: 'failed', stage: 'compensate', failure }, where.entry ?? null);
}

/** Ends the instance gracefully: compensations run, `finally` runs, artifacts and history stay. */
export function cancelInstance(turn: Turn, reason: string | null): void {
  beginUndoing(
    turn,
    { outcome: 'cancelled', stage: 'compensate', ...(reason === null ? {} : { reason }) },
    null,
  );
}

function beginUndoing(turn: Turn, ending: Ending, entry: PendingEntry | null): void {
  const { state } = turn;
  if (state.paused) endPause(turn);
  if (state.ending && !(state.ending.outcome === 'completed' && state.ending.stage === 'drain')) return;
  const undone = earliestToUndo(turn);
  const draining = state.ending !== null;
  state.failed_visit = draining ? null : state.current;
  state.failed_entry = undone ? entryAgain(turn, undone.phase) : (entry ?? state.entry);
  state.ending = ending;
  state.entry = null;
  const killed = ending.failure && hasReachedQuota(turn, ending.failure) ? ending.failure.message : null;
  // Before their tasks are cancelled, which would ask them to end.
  if (killed !== null && state.engine_version >= 9) killChildren(turn, killed);
  for (const task of Object.values(state.tasks)) {
    if (task.group !== undefined) continue;
    cancelTask(turn, task, 'cancelled', { revivable: undone === undefined || task.entered < undone.entered });
  }
  if (killed !== null) killChildren(turn, killed);
  else endChildren(turn, ending.reason ?? ending.failure?.message ?? null);
  endCurrentVisit(turn, ending.outcome === 'failed' ? 'failed' : 'cancelled');
  if (undone) undoVisits(turn, undone.entered);
  queueCompensations(turn, 0);
}

/** Whether a quota of its own has ended it: neither that of a child, nor one that a child has asked too much of. */
function hasReachedQuota({ state, at }: Turn, { type }: Failure): boolean {
  return type === 'QuotaExceededError' && (state.engine_version < 6 || findBreach(state, at) !== null);
}

/** What is compensated counts as not done: a retry goes on from the earliest of it. */
function earliestToUndo(turn: Turn): Compensation | undefined {
  return turn.state.compensations.reduce<Compensation | undefined>(
    (earliest, entry) => (earliest && earliest.entered <= entry.entered ? earliest : entry),
    undefined,
  );
}

function endCurrentVisit(turn: Turn, status: 'failed' | 'cancelled'): void {
  const { current } = turn.state;
  if (!current) return;
  if (turn.phaseState(current.phase).status === 'running') {
    closeVisit(turn, status);
    turn.record(status === 'failed' ? 'phase_failed' : 'phase_cancelled', { phase: current.phase });
  }
}

/** Ends a pause: clocks that stood still go on from where they stood. */
export function endPause(turn: Turn): void {
  const { paused } = turn.state;
  if (!paused) return;
  const pausedMs = turn.at - paused.at;
  turn.state.paused = null;
  turn.state.clock = { ...turn.state.clock, paused_ms: turn.state.clock.paused_ms + pausedMs };
  for (const [key, deadline] of Object.entries(turn.state.deadlines)) {
    if (!goesOnInPause(deadline)) turn.setDeadline(key, { ...deadline, at: deadline.at + pausedMs });
  }
}

/** Queues the compensations of completed tasks of visits from `entered` on, newest first. */
export function queueCompensations(turn: Turn, entered: number): void {
  const due = turn.state.compensations.filter((entry) => entry.entered >= entered);
  const newestFirst = [...due].sort((a, b) => b.order - a.order).map((entry) => entry.task_id);
  turn.state.compensating = [...turn.state.compensating, ...newestFirst];
}

/** Starts the next compensation; the one before has been answered. */
export function startCompensation(turn: Turn): void {
  const [id, ...rest] = turn.state.compensating;
  turn.state.compensating = rest;
  const entry = turn.state.compensations.find((candidate) => candidate.task_id === id);
  if (!entry) return;
  turn.replace(
    'compensations',
    turn.state.compensations.filter((candidate) => candidate !== entry),
  );
  try {
    scheduleCompensation(turn, entry);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    recordCompensation(turn, entry.task_id, error.problem);
  }
}

function scheduleCompensation(turn: Turn, entry: Compensation): void {
  const name = entry.task_id.slice(entry.task_id.indexOf('/') + 1).replace(/\[\d+\]$/, '');
  const definition = turn.phaseDefinition(entry.phase).tasks.find((task) => task.name === name);
  if (!definition?.compensate) return;
  const request = renderExecutor(
    turn,
    definition.compensate,
    { phase: entry.phase, task: name, field: 'compensate' },
    {
      output: entry.output,
      item: entry.item,
      index: entry.index,
      phase: entry.phase,
      error: whyUndone(turn),
    },
  );
  const problem = tooLarge(turn, request.input, `The input of the compensation of ${entry.task_id}`);
  if (problem) throw new Fault(problem);
  turn.startedBytes += jsonSize(request.input);
  turn.state.compensation_running = true;
  turn.state.running_activities += 1;
  turn.record('compensation_started', { phase: entry.phase, task: entry.task_id });
  turn.command({
    type: 'schedule_activity',
    key: `compensate:${entry.task_id}`,
    task_id: entry.task_id,
    attempt: 1,
    activity: request.activity,
    ...(request.task_queue === undefined ? {} : { task_queue: request.task_queue }),
    input: request.input,
    timeout_sec: 3600,
  });
}

/** What a compensation sees as `error`: the failure, or that it is a cancel or a rewind. */
function whyUndone({ state }: Turn): JsonObject {
  const { ending, entry } = state;
  if (ending?.failure) return failureScope(ending.failure);
  const [type, message] = ending
    ? ['CancelledError', ending.reason ?? 'The instance was cancelled']
    : ['RewoundError', `The instance was rewound to phase ${entry?.phase ?? ''}`];
  return { type, message, task: null, details: null };
}

function failureScope({ type, message, task, details }: Failure): JsonObject {
  return { type, message, task, details: details ?? null };
}

/** A compensation has ended. One that failed is recorded, and the rest go on. */
export function recordCompensation(turn: Turn, taskId: string, problem: Problem | null): void {
  turn.record(problem ? 'compensation_failed' : 'compensation_completed', {
    task: taskId,
    ...(problem ? { data: { type: problem.type, message: problem.message } } : {}),
  });
}

/** The next step of an ending; false where it must wait. Throws a Fault where `result` fails. */
export function stepEnding(turn: Turn, ending: Ending): boolean {
  if (ending.stage === 'drain') return !isBusy(turn) && drained(turn, ending);
  if (ending.stage === 'compensate') {
    if (hasOpenChildren(turn)) return false;
    enterFinally(turn, ending);
    return true;
  }
  // What a concurrent `finally` phase has opened runs on beside it, and is joined like any other.
  if (turn.state.entry || isFinallyRunning(turn) || isBusy(turn)) return false;
  closeInstance(turn, ending);
  return true;
}

function drained(turn: Turn, ending: Ending): boolean {
  const { result } = turn.definition;
  if (result) turn.state.result = resultOf(turn, result);
  enterFinally(turn, ending);
  return true;
}

/** Throws a Fault where the result is more than Temporal takes. */
function resultOf(turn: Turn, outputs: ExpressionMap): JsonObject {
  const result = evaluateOutputs(turn, outputs, { phase: null, field: 'result' });
  const problem = tooLarge(turn, result, 'The `result` of the instance');
  if (problem) throw new Fault(problem);
  return result;
}

function enterFinally(turn: Turn, ending: Ending): void {
  turn.state.ending = { ...ending, stage: 'finally' };
  const phase = turn.definition.finally;
  if (phase === undefined || turn.state.finally_done) return;
  turn.state.finally_done = true;
  turn.phaseEntries = 0;
  allowVisit(turn, phase);
  const { failure } = ending;
  turn.state.entry = {
    phase,
    ...(failure ? { error: failureScope(failure) } : {}),
  };
}

/** Whether the current visit is that of the `finally` phase, still going on. */
export function isFinallyRunning(turn: Turn): boolean {
  const { current, ending } = turn.state;
  return (
    ending?.stage === 'finally' &&
    current !== null &&
    turn.phaseState(current.phase).status === 'running' &&
    current.phase === turn.definition.finally
  );
}

function closeInstance(turn: Turn, ending: Ending): void {
  const { state } = turn;
  for (const task of Object.values(state.tasks))
    if (!isClosed(task) && task.group === undefined) cancelTask(turn, task, 'cancelled');
  closeChildren(turn);
  state.status = ending.outcome;
  state.closed_at = turn.at;
  state.failure = ending.failure ?? null;
  if (ending.outcome !== 'completed') state.result = null;
  state.deadlines = {};
  state.queue = [];
  state.compensating = [];
  refuseKept(turn, ending);
  turn.record(`workflow_${ending.outcome}`, {
    ...(ending.failure?.phase ? { phase: ending.failure.phase } : {}),
    data: endingFacts(ending),
  });
}

function endingFacts({ failure, reason }: Ending): JsonObject {
  if (failure) return { type: failure.type, message: failure.message, task: failure.task };
  return reason === undefined ? {} : { reason };
}

/**
 * Closes as failed what was ended from outside, as it stood then, for another to go on from: nothing is undone.
 * For an instance of its own no more: what would be commanded is of no use.
 */
export function closeCutOff(turn: Turn, problem: Problem): void {
  const { state } = turn;
  if (state.paused) endPause(turn);
  if (!state.ending || state.ending.stage === 'drain') {
    state.failed_visit = state.ending ? null : state.current;
    state.failed_entry = state.entry;
    state.entry = null;
    for (const task of Object.values(state.tasks))
      if (task.group === undefined) cancelTask(turn, task, 'cancelled', { revivable: true });
    endCurrentVisit(turn, 'cancelled');
  }
  const failure = { ...problem, phase: state.current?.phase ?? null, task: null };
  closeInstance(turn, { outcome: 'failed', stage: 'finally', failure });
}

/** Closes as failed at once: no compensation, no `finally`. For when the interpreter itself fails. */
export function closeAsFailed(turn: Turn, problem: Problem): void {
  const failure = { ...problem, phase: turn.state.current?.phase ?? null, task: null };
  closeInstance(turn, { outcome: 'failed', stage: 'finally', failure });
}

/** What was kept for later comes to nothing now, and the history says so. */
function refuseKept(turn: Turn, { outcome }: Ending): void {
  const { held, early } = turn.state;
  const problem = {
    type: 'WorkflowClosedError',
    message: `The instance closed as ${outcome} before it was applied`,
  };
  turn.replace('held', []);
  turn.state.early = {};
  for (const event of held) {
    if (event.type === 'trigger_received') refuseKeptTrigger(turn, event.input, problem);
    else if ('key' in event) recordLate(turn, event);
    else if (event.type === 'child_closed')
      turn.record('task_superseded', { data: { late: event.type, instance_id: event.instance_id } });
  }
  for (const input of Object.values(early).flat()) refuseKeptTrigger(turn, input, problem);
}

/** Nobody can send it again: what it says was spent is spent. */
function refuseKeptTrigger(turn: Turn, input: TriggerInput, problem: Problem): void {
  if (turn.state.engine_version >= 9) addUsage(turn, input.usage);
  recordRejected(turn, input, problem);
}

/** A trigger that had been kept is refused after all. */
export function recordRejected(turn: Turn, input: TriggerInput, { type, message }: Problem): void {
  turn.record('trigger_rejected', { data: { trigger_id: input.trigger_id ?? null, type, message } });
}

/** A result that comes after its task has closed. */
export function recordLate(turn: Turn, { key, type }: { readonly key: string; readonly type: string }): void {
  turn.record('task_superseded', { task: key.slice(0, key.lastIndexOf('/')), data: { late: type, key } });
}
