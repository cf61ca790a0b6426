/**
 * Where a failure leads: `retry` first, then `on_timeout`, then `on_failure` of the task, of its phase, of the
 * document; with none that fits, the instance fails.
 */
import type { FailureRule, RetryPolicy } from '../definition/definition.js';
import type { JsonObject } from '../json/json.js';
import { NUMBER_RANGES } from '../json/number-ranges.js';
import { stopAttempt } from './attempts.js';
import { cancelElements, cancelTask, markFailed, type Answer } from './close-task.js';
import { beginCompletion, cancelInstance, closeVisit, failInstance } from './end-instance.js';
import type { Problem } from './errors.js';
import { evaluateOutputs, renderNumber, renderText } from './evaluate.js';
import { matchesError, selectRule } from './failure-rule.js';
import { Fault } from './fault.js';
import { taskExtras, type ScopeExtras } from './scope.js';
import type { PendingEntry, TaskState } from './state.js';
import type { Turn } from './turn.js';
import { excuseVisits } from './undo-visits.js';

/** Where `max_interval_sec` says nothing. */
const LONGEST_INTERVAL_SEC = 86_400;

/** An attempt of a task has failed: another one comes after a while, or the task fails. */
export function failAttempt(turn: Turn, task: TaskState, problem: Problem, by?: Answer): void {
  const { retry } = turn.taskDefinition(task);
  if (retry && mayRetry(turn, task, retry, problem, by)) scheduleRetry(turn, task, retry, problem);
  else failTask(turn, task, problem, by ? { by } : {});
}

function mayRetry(
  turn: Turn,
  task: TaskState,
  retry: RetryPolicy,
  problem: Problem,
  by: Answer | undefined,
): boolean {
  // No retry makes a result smaller. An agent may call its own failures what it likes.
  if (problem.type === 'PayloadTooLargeError' && !by) return false;
  if (!matchesError(retry.errors, problem.type)) return false;
  return attemptsSince(task) < renderRetry(turn, task, retry, 'max_attempts');
}

/** Attempts that its retry policy counts: those before a retry by hand bind it no more. */
function attemptsSince({ attempts, tried = 0 }: TaskState): number {
  return attempts - tried;
}

function scheduleRetry(turn: Turn, task: TaskState, retry: RetryPolicy, problem: Problem): void {
  const seconds = nextAttemptSec(turn, task, retry);
  stopAttempt(turn, task);
  if (turn.state.status === 'created') turn.state.status = 'running';
  turn.patchTask(task, {
    waits: 'timer',
    error: problem,
    running: undefined,
    queued: undefined,
    claim: undefined,
  });
  turn.setDeadline(`retry:${task.id}`, {
    at: turn.at + Math.ceil(seconds * 1000),
    kind: 'retry',
    task: task.id,
  });
  turn.record('task_attempt_failed', {
    phase: task.phase,
    task: task.id,
    data: { attempt: task.attempts, type: problem.type, message: problem.message, next_attempt_sec: seconds },
  });
}

/** Seconds until the next attempt. */
function nextAttemptSec(turn: Turn, task: TaskState, retry: RetryPolicy): number {
  const initial = renderRetry(turn, task, retry, 'initial_interval_sec');
  const backoff = renderRetry(turn, task, retry, 'backoff');
  return Math.min(
    initial * backoff ** (attemptsSince(task) - 1),
    renderRetry(turn, task, retry, 'max_interval_sec'),
  );
}

const RETRY_RANGES = {
  max_attempts: NUMBER_RANGES.max_attempts,
  initial_interval_sec: NUMBER_RANGES.seconds,
  backoff: NUMBER_RANGES.backoff,
  max_interval_sec: NUMBER_RANGES.seconds,
};

/** A number of a retry policy, as it is when an attempt has failed. */
function renderRetry(
  turn: Turn,
  task: TaskState,
  retry: RetryPolicy,
  field: keyof typeof RETRY_RANGES,
): number {
  const template = retry[field] ?? LONGEST_INTERVAL_SEC;
  const place = { phase: task.phase, task: task.name, field: `retry.${field}` };
  return renderNumber(turn, template, RETRY_RANGES[field], place, taskExtras(task));
}

interface FailureFacts {
  /** The trigger that said so. */
  readonly by?: Answer;
  readonly timedOut?: boolean;
  /** A foreach can't be joined: its `on_failure: continue` is about its elements. */
  readonly unjoinable?: boolean;
}

/** A task has failed for good. */
export function failTask(turn: Turn, task: TaskState, problem: Problem, facts: FailureFacts = {}): void {
  const { by, timedOut = false, unjoinable = false } = facts;
  const rule = selectRule(turn.taskDefinition(task).on_failure, problem.type);
  const slot = task.group === undefined ? undefined : turn.task(task.group);
  markFailed(turn, task, problem, by);
  if (rule?.goto === 'continue' && !unjoinable && !leadsElsewhere(turn, task, timedOut)) {
    applyRuleOutputs(turn, rule, task.phase, task, problem);
    return;
  }
  if (slot) failSlot(turn, slot, problem);
  routeFailure(turn, { phase: task.phase, task, problem, timedOut });
}

/** `on_timeout` is where a timeout leads, whatever holds for other failures. */
function leadsElsewhere(turn: Turn, task: TaskState, timedOut: boolean): boolean {
  return timedOut && !task.detached && turn.phaseDefinition(task.phase).on_timeout !== undefined;
}

/** One element's failure that is not passed over fails the whole foreach. */
function failSlot(turn: Turn, slot: TaskState, problem: Problem): void {
  cancelElements(turn, slot, 'cancelled');
  markFailed(turn, turn.task(slot.id) ?? slot, problem);
}

interface FailureAt {
  readonly phase: string;
  readonly task?: TaskState | undefined;
  readonly problem: Problem;
  readonly timedOut?: boolean;
  /** It is none of the current visit's; default: what `runsBeside` says of the task. */
  readonly isBeside?: boolean;
  /** The phase could not even be entered: a retry enters it again. */
  readonly entry?: PendingEntry;
}

/** A visit, or a task of one. */
export type VisitOf = Pick<TaskState, 'phase' | 'entered' | 'detached'>;

/** Whether a task runs on beside the phases: its failure is none of the current visit's. */
export function runsBeside({ state }: Turn, { entered, detached }: VisitOf): boolean {
  return detached === true || (state.engine_version >= 3 && entered !== state.current?.entered);
}

/** Follows the first rule that fits, from the task outwards; without one the instance fails. */
export function routeFailure(turn: Turn, at: FailureAt): void {
  const { ending } = turn.state;
  if (ending && ending.stage !== 'drain') {
    failWhileEnding(turn, at);
    return;
  }
  markRevivable(turn, at.task);
  const isBeside = at.isBeside ?? (at.task !== undefined && runsBeside(turn, at.task));
  const rule = isBeside ? findOwnRule(turn, at) : findRule(turn, at);
  if (!rule) {
    failInstance(turn, at.problem, whereOf(at));
    return;
  }
  try {
    followRule(turn, rule, at);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    failInstance(turn, error.problem, whereOf(at));
  }
}

function whereOf(at: FailureAt): { phase: string; task?: string; entry?: PendingEntry } {
  return {
    phase: at.phase,
    ...(at.task ? { task: at.task.id } : {}),
    ...(at.entry ? { entry: at.entry } : {}),
  };
}

function markRevivable(turn: Turn, task: TaskState | undefined): void {
  if (!task) return;
  const known = turn.task(task.id);
  if (known) turn.patchTask(known, { revivable: true });
  const slot = task.group === undefined ? undefined : turn.task(task.group);
  if (slot) turn.patchTask(slot, { revivable: true });
}

/** A failure of the `finally` phase is recorded; the first outcome stands. */
function failWhileEnding(turn: Turn, at: FailureAt): void {
  const { current } = turn.state;
  turn.state.entry = null;
  if (!current) return;
  cancelVisit(turn, current.entered);
  if (turn.phaseState(current.phase).status !== 'running') return;
  closeVisit(turn, 'failed');
  turn.record('phase_failed', {
    phase: at.phase,
    data: { type: at.problem.type, message: at.problem.message },
  });
}

/** What runs on beside the phases leads to none of them: its own rule says at most how the instance fails. */
function findOwnRule(turn: Turn, { task, problem }: FailureAt): FailureRule | undefined {
  if (!task || turn.state.engine_version < 3) return undefined;
  const rule = selectRule(turn.taskDefinition(task).on_failure, problem.type);
  return rule?.goto === 'fail' ? rule : undefined;
}

function findRule(turn: Turn, at: FailureAt): FailureRule | undefined {
  const phase = turn.phaseDefinition(at.phase);
  const ownRules = at.task ? turn.taskDefinition(at.task).on_failure : [];
  if (at.timedOut && phase.on_timeout !== undefined) return { goto: phase.on_timeout };
  const stages = [ownRules, phase.on_failure, turn.definition.on_failure];
  for (const rules of stages) {
    const rule = selectRule(rules, at.problem.type);
    if (rule && rule.goto !== 'continue') return rule;
  }
  return undefined;
}

/** What expressions see as `error`. */
export function errorScope(problem: Problem, task: string | null): JsonObject {
  return { type: problem.type, message: problem.message, task, details: problem.details ?? null };
}

function applyRuleOutputs(
  turn: Turn,
  rule: FailureRule,
  phase: string,
  task: TaskState | undefined,
  problem: Problem,
): void {
  if (!rule.outputs) return;
  const extras: ScopeExtras = {
    ...(task ? taskExtras(task) : { phase }),
    error: errorScope(problem, task?.id ?? null),
  };
  turn.mergeVariables(evaluateOutputs(turn, rule.outputs, { phase, field: 'on_failure.outputs' }, extras));
}

function followRule(turn: Turn, rule: FailureRule, at: FailureAt): void {
  applyRuleOutputs(turn, rule, at.phase, at.task, at.problem);
  const error = errorScope(at.problem, at.task?.id ?? null);
  const reason =
    rule.reason === undefined
      ? null
      : renderText(
          turn,
          rule.reason,
          { phase: at.phase, field: 'on_failure.reason' },
          { ...(at.task ? taskExtras(at.task) : {}), error },
        );
  if (rule.goto === 'fail') {
    failInstance(
      turn,
      { ...at.problem, type: rule.error ?? at.problem.type, message: reason ?? at.problem.message },
      whereOf(at),
    );
    return;
  }
  if (rule.goto === 'cancel') {
    leaveFailedPhase(turn, at);
    cancelInstance(turn, reason ?? at.problem.message);
    return;
  }
  leaveFailedPhase(turn, at);
  if (rule.goto === 'end' || rule.goto === 'end_now') {
    if (rule.goto === 'end_now') cancelEverything(turn);
    beginCompletion(turn);
    return;
  }
  turn.state.entry = { phase: rule.goto, error };
}

function leaveFailedPhase(turn: Turn, at: FailureAt): void {
  const { current } = turn.state;
  if (!current || current.phase !== at.phase || at.entry) return;
  cancelVisit(turn, current.entered);
  excuseVisits(turn, (task) => task.entered === current.entered);
  closeVisit(turn, 'failed');
  turn.record('phase_failed', {
    phase: at.phase,
    data: { type: at.problem.type, message: at.problem.message },
  });
}

/** Cancels what is open or pending of one visit. */
export function cancelVisit(turn: Turn, entered: number): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (task.entered === entered && task.group === undefined) cancelTask(turn, task, 'cancelled');
  }
}

/** Cancels everything that is open or pending, wherever it is. */
export function cancelEverything(turn: Turn): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (task.group === undefined) cancelTask(turn, task, 'cancelled');
  }
}
