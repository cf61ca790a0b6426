/**
 * The same five phases as `bench/definition.ts`, written by hand: what a team would write for one process without
 * an engine. It has a validator, a loop, merged variables, a query and a result, and nothing that it can do without.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow';
import type { JsonObject } from '../../src/json/json.js';
import { ADVANCE, STATUS, type Advance, type FeatureInput, type FeatureStatus } from './messages.js';

const PHASES = ['analysis', 'design', 'implementation', 'review', 'release'] as const;
type Phase = (typeof PHASES)[number];

const advanceUpdate = defineUpdate<FeatureStatus, [Advance]>(ADVANCE);
const advanceSignal = defineSignal<[Advance]>(ADVANCE);
const statusQuery = defineQuery<FeatureStatus>(STATUS);

/** Goes through the phases as its caller advances it, and returns the variables. */
export async function feature(input: FeatureInput): Promise<JsonObject> {
  let phase: Phase | null = PHASES[0];
  let variables: JsonObject = { ...input.variables };

  const status = (): FeatureStatus => ({
    phase,
    waiting: phase !== null,
    progress: phase === null ? 1 : PHASES.indexOf(phase) / PHASES.length,
  });
  const check = (request: Advance): void => {
    if (request.phase === phase) return;
    throw ApplicationFailure.nonRetryable(
      `In phase ${String(phase)}, not in ${request.phase}`,
      'PhaseMismatch',
    );
  };
  const apply = (request: Advance): void => {
    const { decision, ...data } = request.data;
    variables = { ...variables, ...data };
    phase = phase === null ? null : following(phase, decision);
  };

  setHandler(statusQuery, status);
  setHandler(
    advanceUpdate,
    (request) => {
      check(request);
      apply(request);
      return status();
    },
    { validator: check },
  );
  setHandler(advanceSignal, (request) => {
    if (request.phase === phase) apply(request);
    else log.warn('An advance for another phase is ignored', { phase, asked: request.phase });
  });

  await condition(() => phase === null);
  await condition(allHandlersFinished);
  return variables;
}

function following(phase: Phase, decision: unknown): Phase | null {
  if (phase === 'review' && decision === 'rework') return 'implementation';
  return PHASES[PHASES.indexOf(phase) + 1] ?? null;
}
