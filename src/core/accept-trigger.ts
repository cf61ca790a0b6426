/** A trigger and the task it names: whether it may, and what it does. */
import { validateJson } from '../json/json-schema.js';
import type { Json } from '../json/json.js';
import { allowedDecisions, answerTask } from './answer-task.js';
import { refuse } from './fault.js';
import { addUsage } from './quota.js';
import type { TaskDefinition } from '../definition/definition.js';
import type { TriggerInput } from './shapes.js';
import type { TaskState } from './state.js';
import { isoTime, type Turn } from './turn.js';
import { snapshotValue } from './visit-log.js';

/** Problems that a refusal lists: more of them would not be read. */
const MAX_PROBLEMS = 20;

/** Refuses a trigger that may not answer this open task. */
export function checkTrigger(turn: Turn, task: TaskState, input: TriggerInput): void {
  checkPhase(task, input);
  checkClaim(task, input);
  if (task.waits === 'timer' || task.waits === 'executor') {
    refuse('TaskNotFoundError', `Task ${task.id} waits for ${task.waits}: no trigger completes it now`, {
      task: task.id,
      waiting_for: task.waits,
    });
  }
  checkContent(turn.taskDefinition(task), input, {
    name: task.id,
    decisions: task.waits === 'approval' ? allowedDecisions(turn.taskDefinition(task)) : null,
  });
}

/** Applies a trigger that has been checked. Throws a Fault where the definition's own expressions fail. */
export function performTrigger(turn: Turn, task: TaskState, input: TriggerInput): void {
  addUsage(turn, input.usage);
  if (input.meta) turn.state.meta = { ...turn.state.meta, ...input.meta };
  for (const ref of input.artifacts ?? []) turn.append('artifacts', ref);
  turn.state.triggers += 1;
  turn.record('trigger_applied', {
    phase: task.phase,
    task: task.id,
    data: {
      trigger_id: input.trigger_id ?? null,
      ...(input.outcome === 'failed' ? { outcome: 'failed' } : {}),
      ...(input.meta ? { meta: snapshotValue(input.meta) } : {}),
      ...(input.usage ? { usage: { ...input.usage } } : {}),
      ...(input.artifacts ? { artifacts: input.artifacts.length } : {}),
      trigger_data: snapshotValue(input.trigger_data ?? {}),
    },
  });
  answerTask(turn, task, input);
}

/** Refuses a trigger that expects another phase, or another visit of it. */
export function checkPhase(
  at: { readonly phase: string; readonly visit: number; readonly id?: string },
  input: TriggerInput,
): void {
  const expected = input.expected_phase;
  const actual = `${at.phase}#${at.visit}`;
  if (expected === undefined || expected === at.phase || expected === actual) return;
  const what =
    at.id === undefined ? `the current phase is ${actual}` : `the task is of ${actual} [task=${at.id}]`;
  refuse('PhaseMismatchError', `The trigger expects phase ${expected}, ${what}`, {
    expected_phase: expected,
    actual_phase: at.phase,
    actual_visit: at.visit,
  });
}

function checkClaim(task: TaskState, input: TriggerInput): void {
  if (task.claim?.claim_id === input.claim_id) return;
  if (!task.claim) {
    refuse('TaskAlreadyClaimedError', `The claim on ${task.id} has been released: claim it again`, {
      task: task.id,
    });
  }
  refuse(
    'TaskAlreadyClaimedError',
    `Task ${task.id} is claimed by ${task.claim.agent_id}: only its claim_id completes it`,
    {
      task: task.id,
      claimed_by: task.claim.agent_id,
      lease_expires_at: isoTime(task.claim.expires_at),
    },
  );
}

/** What a task takes: `decisions` where it waits for one. */
interface Expected {
  readonly name: string;
  readonly decisions: readonly string[] | null;
}

/** Refuses data that the task does not take. */
export function checkContent(definition: TaskDefinition, input: TriggerInput, expected: Expected): void {
  if (input.outcome === 'failed') return;
  const data = input.trigger_data ?? {};
  const decision = data['decision'];
  const bringsResult = definition.kind === 'executor' && decision === undefined;
  if (expected.decisions && !bringsResult) checkDecision(expected.name, decision, expected.decisions);
  // Whoever decides on an executor does not bring the result that it is to have.
  if (!definition.expects || (definition.kind === 'executor' && !bringsResult)) return;
  const problems = validateJson(definition.expects, data).slice(0, MAX_PROBLEMS);
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${problem.path || 'trigger_data'}: ${problem.message}`).join('; ');
  refuse(
    'InvalidInputError',
    `trigger_data does not fit what task ${expected.name} expects: ${list.slice(0, 2000)}`,
    { task: expected.name, problems: problems.map((problem) => ({ ...problem })) },
  );
}

function checkDecision(name: string, decision: Json | undefined, allowed: readonly string[]): void {
  if (typeof decision === 'string' && allowed.includes(decision)) return;
  const given =
    decision === undefined ? 'none was given' : `${JSON.stringify(decision).slice(0, 80)} is not one of them`;
  refuse('InvalidInputError', `Task ${name} takes trigger_data.decision of ${allowed.join(', ')}: ${given}`, {
    task: name,
    allowed_decisions: [...allowed],
  });
}
