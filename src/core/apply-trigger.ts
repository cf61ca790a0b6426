/** `trigger_next_step`: everything that may refuse comes first; then the trigger is applied, whole. */
import { digest } from '../json/canonical-json.js';
import type { Json } from '../json/json.js';
import { checkContent, checkTrigger, performTrigger } from './accept-trigger.js';
import { allowedDecisions } from './answer-task.js';
import { ChatFlowError } from './errors.js';
import type { CoreEvent, Via } from './event.js';
import { refuse } from './fault.js';
import { findTarget, type EarlyTarget } from './find-target.js';
import { LIMITS } from './limits.js';
import { guarded, settle } from './settle.js';
import type { TriggerInput, TriggerResult } from './shapes.js';
import type { Applied, InstanceState, TaskState } from './state.js';
import type { Turn } from './turn.js';
import { progressOf, statusOf, waitingForOf } from './summary.js';

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
  if ('early' in target) keepTrigger(turn, target, input);
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
    `The instance is ${state.status} and takes nothing more: ${wayOn(state)} [instance_id=${state.instance_id}]`,
    { instance_id: state.instance_id, status: state.status },
  );
}

function wayOn({ status }: InstanceState): string {
  return status === 'failed' ? '`chatflow retry` goes on from its failure' : 'start a new one';
}

function applyTo(turn: Turn, task: TaskState, input: TriggerInput): void {
  checkTrigger(turn, task, input);
  guarded(turn, task, () => {
    performTrigger(turn, task, input);
    return true;
  });
  settle(turn);
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
  if (countHeld(state) >= LIMITS.heldEvents) {
    refuse('WorkflowPausedError', `The instance is paused and already keeps ${LIMITS.heldEvents} triggers`, {
      limit: LIMITS.heldEvents,
    });
  }
  turn.append('held', event);
  turn.record('trigger_kept', { data: { trigger_id: event.input.trigger_id ?? null, until: 'resume' } });
  return resultOf(state, state.current?.phase ?? null, false);
}

/** Results of executors are held beside them, and take no room of theirs. */
function countHeld({ held, engine_version }: InstanceState): number {
  if (engine_version < 4) return held.length;
  return held.filter(({ type }) => type === 'trigger_received').length;
}

/** Keeps a trigger until its task opens; what the task would not take is refused right away. */
function keepTrigger(turn: Turn, { early: key, definition }: EarlyTarget, input: TriggerInput): void {
  const decisions = definition.kind === 'approval' ? allowedDecisions(definition) : null;
  checkContent(definition, input, { name: key, decisions });
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
