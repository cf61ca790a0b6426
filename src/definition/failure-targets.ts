import { isJsonObject } from '../json/json.js';
import type { JsonObject } from '../json/json.js';
import { listOf, textOf, type Outline, type PhaseOutline } from './outline.js';

/** The targets of an `on_failure`, phases and exits alike. */
export function failureTargets(raw: JsonObject): readonly string[] {
  const value = raw['on_failure'];
  if (typeof value === 'string') return [value];
  return listOf(value).flatMap((rule) => (isJsonObject(rule) ? (textOf(rule['goto']) ?? []) : []));
}

/** Where failures of a phase and of its tasks lead, timeouts included. */
export function phaseFailureTargets(phase: PhaseOutline): readonly string[] {
  const own = [...failureTargets(phase.raw), ...phase.tasks.flatMap(({ raw }) => failureTargets(raw))];
  const timeout = textOf(phase.raw['on_timeout']);
  return timeout === undefined ? own : [...own, timeout];
}

/** The phases that a failure leads to: their expressions see `error`. */
export function phasesWithError(outline: Outline): ReadonlySet<string> {
  return new Set([...failureTargets(outline.raw), ...outline.phases.flatMap(phaseFailureTargets)]);
}
