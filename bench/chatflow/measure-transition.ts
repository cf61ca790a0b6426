/** How fast the interpreter is by itself: `transition`, with no Temporal around it. */
import type { InstanceState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import type { PreparedDefinition } from '../../src/workflows/messages.js';
import { rounded } from '../statistics.js';
import { straightWalk } from '../walk.js';
import { newInstance, triggerOf } from './contender.js';

export interface TransitionSpeed {
  readonly calls_per_second: number;
  readonly microseconds_per_call: number;
  readonly calls: number;
}

/** Walks instance after instance through the five phases for `durationMs`, starts included. */
export function measureTransition(prepared: PreparedDefinition, durationMs: number): TransitionSpeed {
  walkOnce(prepared);
  let calls = 0;
  const startedAt = performance.now();
  let elapsedMs = 0;
  while (elapsedMs < durationMs) {
    calls += walkOnce(prepared);
    elapsedMs = performance.now() - startedAt;
  }
  return {
    calls_per_second: rounded((calls * 1000) / elapsedMs),
    microseconds_per_call: rounded((elapsedMs * 1000) / calls),
    calls,
  };
}

/** @returns how many calls of `transition` it took */
function walkOnce(prepared: PreparedDefinition): number {
  const at = 1_700_000_000_000;
  const steps = straightWalk();
  let state = apply(newInstance('wfi_000000000000', prepared, at), { type: 'instance_started', at });
  for (const step of steps) {
    state = apply(state, { type: 'trigger_received', at, via: 'update', input: triggerOf(step) });
  }
  if (state.status !== 'completed') throw new Error(`The walk ends as ${state.status}`);
  return steps.length + 1;
}

function apply(state: InstanceState, event: Parameters<typeof transition>[1]): InstanceState {
  const outcome = transition(state, event);
  if (outcome.refusal !== null) throw new Error(`Refused: ${outcome.refusal.message}`);
  return outcome.state;
}
