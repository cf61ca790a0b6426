/** What a trigger does to the task it names. Whether it may is the business of `apply-trigger`. */
import type { TaskDefinition } from '../definition/definition.js';
import { isJsonObject, type Json } from '../json/json.js';
import { isAutomatic } from './automation.js';
import { completeTask, type Answer } from './close-task.js';
import type { Problem } from './errors.js';
import { failAttempt, failTask } from './route-failure.js';
import { queueAttempt } from './attempts.js';
import type { TriggerInput } from './shapes.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Applies a trigger that has been accepted. Throws a Fault where the definition's own expressions fail. */
export function answerTask(turn: Turn, task: TaskState, input: TriggerInput): void {
  if (input.outcome === 'failed') {
    failAttempt(turn, task, reportedProblem(task, input), answerOf(input));
    return;
  }
  const decision = input.trigger_data?.['decision'];
  if (task.waits === 'approval' && typeof decision === 'string') {
    decide(turn, task, decision, input);
    return;
  }
  completeTask(turn, task, {
    ...answerOf(input),
    merges: task.kind === 'agent' || task.kind === 'approval',
  });
}

/** A failed task's data is `error.details`. */
function reportedProblem(task: TaskState, input: TriggerInput): Problem {
  const details = input.trigger_data ?? {};
  const fallback = { type: 'TaskFailedError', message: `Task ${task.id} was reported as failed` };
  return { details, ...(input.error ?? fallback) };
}

function answerOf(input: TriggerInput): Answer {
  return { data: input.trigger_data ?? {}, trigger_id: input.trigger_id ?? null, meta: input.meta ?? {} };
}

/** A decision on an approval, or on an executor that waits for one. */
function decide(turn: Turn, task: TaskState, decision: string, input: TriggerInput): void {
  if (decision === 'reject') {
    const details = { decision, ...(input.trigger_data ?? {}) };
    const problem = { type: 'ApprovalRejectedError', message: `${task.id} was rejected`, details };
    failTask(turn, task, problem, { by: answerOf(input) });
    return;
  }
  if (task.kind === 'executor') {
    turn.record('task_approved', { phase: task.phase, task: task.id });
    queueAttempt(turn, turn.patchTask(task, { approved: true }));
    return;
  }
  completeTask(turn, task, { ...answerOf(input), merges: true, facts: { decision } });
}

/** The decisions that a waiting task takes. */
export function allowedDecisions(definition: TaskDefinition): readonly string[] {
  return definition.kind === 'executor'
    ? ['approve', 'reject']
    : (definition.decisions ?? ['approve', 'reject']);
}

/** Decides by itself what waits for a person, where the automation level reaches the threshold. */
export function decideAutomatically(turn: Turn, task: TaskState): void {
  const definition = turn.taskDefinition(task);
  if (task.status !== 'open' || task.waits !== 'approval') return;
  if (!isAutomatic(turn, task, definition)) return;
  if (task.kind === 'executor') {
    queueAttempt(turn, task);
    return;
  }
  const decision = definition.auto ?? allowedDecisions(definition)[0] ?? 'approve';
  const facts = { decision, auto: true, automation_level: turn.state.automation_level };
  if (decision === 'reject') {
    failTask(turn, task, {
      type: 'ApprovalRejectedError',
      message: `${task.id} was rejected by its automation`,
      details: facts,
    });
    return;
  }
  completeTask(turn, task, { data: { decision }, merges: true, facts });
}

/** Completes an element whose input equals one that was completed before a rewind. */
export function takeOver(turn: Turn, task: TaskState, key: string): void {
  const [output, ...rest] = turn.state.reusable[key] ?? [];
  const { [key]: _taken, ...others } = turn.state.reusable;
  turn.state.reusable = rest.length > 0 ? { ...others, [key]: rest } : others;
  completeTask(turn, task, { data: output ?? null, merges: false, facts: { taken_over: true } });
}

/** The result of an executor that says what it spent: `usage` in an object result. */
export function usageOf(result: Json): TriggerInput['usage'] {
  if (!isJsonObject(result) || !isJsonObject(result['usage'])) return undefined;
  const { tokens, cost_usd } = result['usage'];
  return {
    ...(isAmount(tokens) ? { tokens } : {}),
    ...(isAmount(cost_usd) ? { cost_usd } : {}),
  };
}

function isAmount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
