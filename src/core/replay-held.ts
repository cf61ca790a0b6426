/**
 * What a pause has held is applied once nothing holds it any more: in its order, each as an event of its own, with a
 * budget, a bound on loops and a limit of growth of its own.
 */
import type { Json } from '../json/json.js';
import type { Transition } from './command.js';
import type { CoreEvent } from './event.js';
import { LIMITS } from './limits.js';
import { carrySize } from './refuse-growth.js';
import type { InstanceState } from './state.js';
import { viewStatusInfo } from './views.js';

type Apply = (state: InstanceState, event: CoreEvent) => Transition<InstanceState>;

/** Goes on from an outcome for as long as something is held and may be applied. */
export function replayHeld(
  first: Transition<InstanceState>,
  at: number,
  apply: Apply,
): Transition<InstanceState> {
  let outcome = first;
  while (mayReplay(outcome.state) && !isLong(outcome)) {
    const next = replayOne(outcome.state, at, apply);
    outcome = {
      ...next,
      commands: [...outcome.commands, ...next.commands],
      cost: outcome.cost + next.cost,
    };
  }
  if (outcome === first) return first;
  return { ...outcome, reply: viewStatusInfo(outcome.state) as unknown as Json };
}

/** Whether something is held that nothing holds any more. */
export function mayReplay({ held, paused, closed_at }: InstanceState): boolean {
  return held.length > 0 && !paused && closed_at === null;
}

function isLong({ state, cost }: Transition<InstanceState>): boolean {
  return state.engine_version >= 3 && cost >= LIMITS.taskUnits;
}

function replayOne(state: InstanceState, at: number, apply: Apply): Transition<InstanceState> {
  const [held, ...rest] = state.held;
  if (!held) return { state, commands: [], reply: null, refusal: null, cost: 0 };
  // A result was counted off when it came in; applying it counts it off again.
  const isResult = held.type === 'activity_completed' || held.type === 'activity_failed';
  const ready = { ...state, held: rest, running_activities: state.running_activities + (isResult ? 1 : 0) };
  carrySize(state, ready);
  const outcome = apply(ready, { ...held, at });
  if (!outcome.refusal) return outcome;
  const trigger_id = held.type === 'trigger_received' ? (held.input.trigger_id ?? null) : null;
  return apply(ready, { type: 'input_rejected', at, name: held.type, problem: outcome.refusal, trigger_id });
}
