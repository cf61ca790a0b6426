/** `trigger_next_step`: everything that may refuse comes first; then the trigger is applied, whole. */
import { digest } from '../json/canonical-json.js';
import { validateJson } from '../json/json-schema.js';
import type { Json } from '../json/json.js';
import { allowedDecisions, answerTask } from './answer-task.js';
import { ChatFlowError } from './errors.js';
import type { CoreEvent, Via } from './event.js';
import { refuse } from './fault.js';
import { findTarget } from './find-target.js';
import { LIMITS } from './limits.js';
import { addUsage } from './quota.js';
import { guarded, settle } from './settle.js';
import type { TriggerInput, TriggerResult } from './shapes.js';
import type { Applied, InstanceState, TaskState } from './state.js';
import type { Turn } from './turn.js';
import { progressOf, statusOf, waitingForOf } from './summary.js';
import { isoTime } from './turn.js';
import { snapshotValue } from './visit-log.js';

type TriggerEvent = Extract<CoreEvent, { type: 'trigger_received' }>;

/** Applies a trigger, keeps it for later, or throws the `ChatFlowError` it is refused with. */
export function applyTrigger(turn: Turn, event: TriggerEvent): TriggerResult {
  const { input, via } = event;
  const digested = input.trigger_id === undefined ? null : digest(input as unknown as Json);
  const known = turn.state.applied.findLast((applied) => applied.id === input.trigger_id);
  if (known && input.trigger_id !== undefined) return answerDuplicate(turn, known, digested);
  refuseClosed(turn.state);
  if (turn.state.paused) return holdTrigger(turn, event, via);
  const target = findTarget(turn.state, input);
  const previous = turn.state.current?.phase ?? null;
  if ('early' in target) keepTrigger(turn, target.early, input);
  else applyTo(turn, target.task, input);
  const result = resultOf(turn.state, previous, !('early' in target));
  if (input.trigger_id !== undefined) remember(turn, input.trigger_id, digested ?? '', result);
  return result;
}

/** Refuses whatever comes once the instance is closed. */
export function refuseClosed(state: InstanceState): void {
  if (state.closed_at === null) return;
  refuse(
    'WorkflowClosedError',
    `The instance is ${state.status} and takes nothing more [instance_id=${state.instance_id}]`,
    {
      instance_id: state.instance_id,
      status: state.status,
    },
  );
}

function applyTo(turn: Turn, task: TaskState, input: TriggerInput): void {
  checkPhase(task, input);
  checkClaim(task, input);
  checkContent(turn, task, input);
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
  guarded(turn, task.phase, () => {
    answerTask(turn, task, input);
    return true;
  });
  settle(turn);
}

function checkPhase(task: TaskState, input: TriggerInput): void {
  const expected = input.expected_phase;
  const actual = `${task.phase}#${task.visit}`;
  if (expected === undefined || expected === task.phase || expected === actual) return;
  refuse(
    'PhaseMismatchError',
    `The trigger expects phase ${expected}, the task is of ${actual} [task=${task.id}]`,
    {
      expected_phase: expected,
      actual_phase: task.phase,
      actual_visit: task.visit,
    },
  );
}

function checkClaim(task: TaskState, input: TriggerInput): void {
  if (!task.claim || task.claim.claim_id === input.claim_id) {
    if (input.claim_id === undefined || task.claim) return;
    refuse('TaskAlreadyClaimedError', `The claim on ${task.id} has been released: claim it again`, {
      task: task.id,
    });
  }
  refuse(
    'TaskAlreadyClaimedError',
    `Task ${task.id} is claimed by ${task.claim?.agent_id}: only its claim_id completes it`,
    {
      task: task.id,
      claimed_by: task.claim?.agent_id ?? null,
      lease_expires_at: task.claim ? isoTime(task.claim.expires_at) : null,
    },
  );
}

function checkContent(turn: Turn, task: TaskState, input: TriggerInput): void {
  if (task.waits === 'timer' || task.waits === 'executor') {
    refuse('TaskNotFoundError', `Task ${task.id} waits for ${task.waits}: no trigger completes it now`, {
      task: task.id,
      waiting_for: task.waits,
    });
  }
  if (input.outcome === 'failed') return;
  const definition = turn.taskDefinition(task);
  const data = input.trigger_data ?? {};
  if (task.waits === 'approval') checkDecision(task, data['decision'], allowedDecisions(task, definition));
  if (!definition.expects) return;
  const problems = validateJson(definition.expects, data);
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${problem.path || 'trigger_data'}: ${problem.message}`).join('; ');
  refuse('InvalidInputError', `trigger_data does not fit what task ${task.id} expects: ${list}`, {
    task: task.id,
    problems: problems.map((problem) => ({ ...problem })),
  });
}

function checkDecision(task: TaskState, decision: Json | undefined, allowed: readonly string[]): void {
  if (task.kind === 'executor' && decision === undefined) return;
  if (typeof decision === 'string' && allowed.includes(decision)) return;
  const given =
    decision === undefined ? 'none was given' : `${JSON.stringify(decision).slice(0, 80)} is not one of them`;
  refuse(
    'InvalidInputError',
    `Task ${task.id} takes trigger_data.decision of ${allowed.join(', ')}: ${given}`,
    {
      task: task.id,
      allowed_decisions: [...allowed],
    },
  );
}

/** In a pause an update is refused; a signal, which cannot be, is kept and applied at the resume. */
function holdTrigger(turn: Turn, event: TriggerEvent, via: Via): TriggerResult {
  const { state } = turn;
  if (via === 'update') {
    refuse(
      'WorkflowPausedError',
      `The instance is paused: resume it first [instance_id=${state.instance_id}]`,
      { reason: state.paused?.reason ?? null },
    );
  }
  if (state.held.length >= LIMITS.heldEvents) {
    refuse('WorkflowPausedError', `The instance is paused and already keeps ${LIMITS.heldEvents} triggers`, {
      limit: LIMITS.heldEvents,
    });
  }
  turn.append('held', event);
  turn.record('trigger_kept', { data: { trigger_id: event.input.trigger_id ?? null, until: 'resume' } });
  return resultOf(state, state.current?.phase ?? null, false);
}

function keepTrigger(turn: Turn, key: string, input: TriggerInput): void {
  const kept = turn.state.early[key] ?? [];
  if (kept.length >= LIMITS.earlyTriggers) {
    refuse(
      'TaskNotFoundError',
      `Task ${key} is not open and already keeps ${LIMITS.earlyTriggers} triggers`,
      { limit: LIMITS.earlyTriggers },
    );
  }
  turn.state.early = { ...turn.state.early, [key]: [...kept, input] };
  turn.record('trigger_kept', {
    data: { task: key, trigger_id: input.trigger_id ?? null, until: 'opening' },
  });
}

function resultOf(state: InstanceState, previous: string | null, applied: boolean): TriggerResult {
  return {
    instance_id: state.instance_id,
    status: statusOf(state),
    previous_phase: previous,
    current_phase: state.current?.phase ?? null,
    waiting_for: waitingForOf(state),
    applied,
    duplicate: false,
    progress: progressOf(state),
  };
}

function remember(turn: Turn, id: string, digested: string, result: TriggerResult): void {
  const { status, previous_phase, current_phase, waiting_for, progress, applied } = result;
  turn.append('applied', {
    id,
    digest: digested,
    result: [status, previous_phase, current_phase, waiting_for, progress, applied],
  });
  const ids = turn.state.applied;
  if (ids.length > LIMITS.appliedIds) turn.replace('applied', ids.slice(ids.length - LIMITS.appliedIds));
}

function answerDuplicate(turn: Turn, known: Applied, digested: string | null): TriggerResult {
  if (known.digest !== digested) {
    throw new ChatFlowError(
      'InvalidInputError',
      `trigger_id ${known.id.slice(0, 100)} was used before with other content: send a new id`,
      { trigger_id: known.id },
    );
  }
  turn.record('trigger_duplicate', { data: { trigger_id: known.id } });
  const [status, previous_phase, current_phase, waiting_for, progress, applied] = known.result;
  return {
    instance_id: turn.state.instance_id,
    status: status as TriggerResult['status'],
    previous_phase,
    current_phase,
    waiting_for,
    applied,
    duplicate: true,
    progress,
  };
}
