/** Closing tasks: completed, failed, cancelled. What follows for the phase is `settle`'s and `routeFailure`'s. */
import { isJsonObject, type Json, type JsonObject } from '../json/json.js';
import type { TaskDefinition } from '../definition/definition.js';
import { stopAttempt } from './attempts.js';
import { withResult } from './element-results.js';
import { evaluateOutputs } from './evaluate.js';
import { Fault } from './fault.js';
import type { Problem } from './errors.js';
import { refreshPhaseOutput } from './phase-output.js';
import { elementId, taskExtras } from './scope.js';
import type { ElementResult, Foreach, TaskState } from './state.js';
import type { Turn } from './turn.js';

/** What closed a task, as the visit remembers it. */
export interface Answer {
  readonly data: Json;
  readonly trigger_id?: string | null;
  readonly meta?: JsonObject;
}

/** How a task came to be completed. */
export interface Closing extends Answer {
  /** Data of a trigger merges into the variables, where no `outputs` say otherwise. */
  readonly merges: boolean;
  /** Facts for the audit: `auto`, `taken_over`. */
  readonly facts?: JsonObject;
}

export function isOpen(task: TaskState): boolean {
  return task.status === 'open';
}

/** A task that is neither open nor still to be opened. */
export function isClosed(task: TaskState): boolean {
  return task.status !== 'open' && task.status !== 'pending';
}

/**
 * Completes a task: its output, its `outputs`, what it cancels, what would compensate it.
 * @throws Fault where its `outputs` fail: then the task has failed, and a retry does it again
 */
export function completeTask(turn: Turn, task: TaskState, closing: Closing): void {
  const definition = turn.taskDefinition(task);
  const closed = settleTask(turn, task, 'completed', { output: closing.data });
  noteTrigger(turn, closed, closing);
  const values = valuesToMerge(turn, closed, definition, closing);
  turn.record('task_completed', {
    phase: task.phase,
    task: task.id,
    ...(closing.facts ? { data: closing.facts } : {}),
  });
  rememberCompensation(turn, closed, definition);
  turn.mergeVariables(values);
  refreshPhaseOutput(turn, closed);
  // A foreach is one task: it has completed when all of it has.
  if (task.group === undefined)
    for (const target of definition.cancels) cancelTarget(turn, target.phase, target.task);
  leaveGroup(turn, closed);
}

/** Marks a task as failed; where that leads is the caller's matter. `by` is the trigger that said so. */
export function markFailed(turn: Turn, task: TaskState, problem: Problem, by?: Answer): void {
  const closed = settleTask(turn, task, 'failed', { error: problem });
  noteTrigger(turn, closed, by ?? { data: {} });
  recordFailed(turn, closed, problem);
}

function recordFailed(turn: Turn, task: TaskState, problem: Problem): void {
  turn.record('task_failed', {
    phase: task.phase,
    task: task.id,
    data: { type: problem.type, message: problem.message },
  });
  leaveGroup(turn, task);
}

/** Cancels a task that has not closed, with the elements of a slot. */
export function cancelTask(
  turn: Turn,
  task: TaskState,
  status: 'cancelled' | 'superseded',
  marks: { revivable?: boolean } = {},
): void {
  if (isClosed(task)) return;
  cancelElements(turn, task, status);
  const known = turn.task(task.id) ?? task;
  const wasOpen = isOpen(known);
  settleTask(turn, known, status, marks.revivable ? { revivable: true } : {});
  if (wasOpen) turn.record(`task_${status}`, { phase: task.phase, task: task.id });
  leaveGroup(turn, known);
}

/** Cancels the open elements of a slot. */
export function cancelElements(turn: Turn, slot: TaskState, status: 'cancelled' | 'superseded'): void {
  for (const element of openElementsOf(turn, slot)) cancelTask(turn, element, status);
}

function openElementsOf(turn: Turn, slot: TaskState): TaskState[] {
  const elements: TaskState[] = [];
  for (let index = 0; index < (slot.foreach?.next ?? 0); index++) {
    const element = turn.task(elementId(slot, index));
    if (element && !isClosed(element)) elements.push(element);
  }
  return elements;
}

function settleTask(
  turn: Turn,
  task: TaskState,
  status: TaskState['status'],
  facts: Partial<Pick<TaskState, 'output' | 'error' | 'revivable'>>,
): TaskState {
  stopAttempt(turn, task);
  if (isOpen(task) && turn.state.status === 'created') turn.state.status = 'running';
  for (const kind of ['timeout', 'retry', 'wait']) turn.clearDeadline(`${kind}:${task.id}`);
  return turn.patchTask(task, {
    status,
    closed_at: turn.at,
    waits: undefined,
    queued: undefined,
    running: undefined,
    request: undefined,
    ...facts,
  });
}

/** The trigger of the current visit is what closed its last task. */
function noteTrigger(turn: Turn, task: TaskState, closing: Answer): void {
  if (task.entered !== turn.state.current?.entered) return;
  if (task.foreach) return;
  turn.patchCurrent({
    trigger: closing.data,
    trigger_id: closing.trigger_id ?? null,
    ...(closing.meta ? { meta: closing.meta } : {}),
  });
}

/** What a task leaves in the variables: by its `outputs`, or its trigger's data as it is. */
function valuesToMerge(
  turn: Turn,
  task: TaskState,
  definition: TaskDefinition,
  closing: Closing,
): JsonObject {
  if (definition.outputs) return task.foreach ? {} : taskOutputs(turn, task, definition.outputs, closing);
  const merges = closing.merges && task.group === undefined && !turn.phaseDefinition(task.phase).outputs;
  if (!merges || !isJsonObject(closing.data)) return {};
  const { decision: _decision, ...data } = closing.data;
  return data;
}

function taskOutputs(
  turn: Turn,
  task: TaskState,
  outputs: NonNullable<TaskDefinition['outputs']>,
  closing: Closing,
): JsonObject {
  const place = { phase: task.phase, task: task.name, field: 'outputs' };
  try {
    return evaluateOutputs(turn, outputs, place, { ...taskExtras(task), result: closing.data });
  } catch (error) {
    if (error instanceof Fault) undoCompletion(turn, task, error.problem);
    throw error;
  }
}

/** What a task brought is not what its `outputs` can read: it has failed, and a retry asks for it again. */
function undoCompletion(turn: Turn, task: TaskState, problem: Problem): void {
  const failed = turn.patchTask(task, {
    status: 'failed',
    error: problem,
    output: undefined,
    revivable: true,
  });
  recordFailed(turn, failed, problem);
}

function rememberCompensation(turn: Turn, task: TaskState, definition: TaskDefinition): void {
  if (!definition.compensate || task.foreach) return;
  turn.append('compensations', {
    task_id: task.id,
    phase: task.phase,
    entered: task.entered,
    order: turn.nextOrder(),
    output: task.output ?? null,
    ...(task.index === undefined ? {} : { item: task.item ?? null, index: task.index }),
  });
}

/** Cancels what is open of a phase, or of one task of it, in whichever visit. */
export function cancelTarget(turn: Turn, phase: string, name: string | undefined): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (task.phase !== phase || task.group !== undefined) continue;
    if (isOpen(task) && (name === undefined || task.name === name)) cancelTask(turn, task, 'cancelled');
  }
}

/** An element has closed: what it left moves into its slot, and `settle` looks at the slot. */
function leaveGroup(turn: Turn, element: TaskState): void {
  const slot = element.group === undefined ? undefined : turn.task(element.group);
  const closed = turn.task(element.id);
  if (!slot?.foreach || !closed || element.index === undefined) return;
  const { foreach } = slot;
  const results = withResult(foreach.results, element.index, elementResult(closed));
  const counted: Foreach = {
    ...foreach,
    results,
    open: Math.max(0, foreach.open - 1),
    closed: foreach.closed + 1,
    completed: foreach.completed + (closed.status === 'completed' ? 1 : 0),
  };
  turn.patchTask(slot, { foreach: counted });
  turn.dropTask(element.id);
  turn.attention.push(slot.id);
}

function elementResult(task: TaskState): ElementResult {
  const { status, output, error, request_digest, attempts, child, seed = child } = task;
  if (status === 'completed') {
    return {
      ...(output === undefined ? {} : { output }),
      ...(request_digest === undefined ? {} : { digest: request_digest }),
    };
  }
  return {
    status,
    ...(error === undefined ? {} : { error }),
    attempts,
    ...(seed === undefined ? {} : { child: seed }),
  };
}
