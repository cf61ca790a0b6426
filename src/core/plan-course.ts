/** Which phases may follow which, as far as a definition tells without being run. */
import type { Definition, PhaseDefinition } from '../definition/definition.js';
import { findPhase, followingPhase } from './definition-index.js';

/** The end of an instance among the phases that may follow. */
export const END = '';

/** What is known of a phase's condition before it is entered. */
export type Verdict = 'run' | 'skip' | 'unknown';

/** Where a phase may lead. `failures` includes where errors, timeouts and worn-out loops lead. */
export interface CourseOptions {
  readonly definition: Definition;
  readonly failures: boolean;
  readonly verdict: (phase: PhaseDefinition) => Verdict;
}

/** All phases, and perhaps `END`, that can be reached from one without passing through another. */
export function reachFrom(
  start: string,
  options: CourseOptions,
  without: string | null,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === without || reached.has(name)) continue;
    reached.add(name);
    if (name !== END) waiting.push(...followers(findPhase(options.definition, name), options));
  }
  return reached;
}

function followers(phase: PhaseDefinition, options: CourseOptions): readonly string[] {
  const verdict = options.verdict(phase);
  const passedOver = verdict === 'run' ? [] : [phase.fallback_phase ?? follower(options.definition, phase)];
  if (verdict === 'skip') return passedOver;
  const failed = options.failures ? failureTargets(options.definition, phase) : [];
  return [...passedOver, ...nextTargets(options.definition, phase), ...failed];
}

function follower(definition: Definition, { name }: PhaseDefinition): string {
  return followingPhase(definition, name) ?? END;
}

function nextTargets(definition: Definition, phase: PhaseDefinition): readonly string[] {
  const always = phase.next.findIndex(({ when }) => when === undefined);
  const rules = always < 0 ? phase.next : phase.next.slice(0, always + 1);
  const targets = rules.map(({ goto }) => toPhase(definition, goto));
  return always < 0 ? [...targets, follower(definition, phase)] : targets;
}

function failureTargets(definition: Definition, phase: PhaseDefinition): readonly string[] {
  const rules = [
    phase.on_failure,
    definition.on_failure,
    ...phase.tasks.map((task) => task.on_failure),
  ].flat();
  const others = [phase.on_timeout, phase.on_max_visits].filter((name) => name !== undefined);
  return [...rules.map(({ goto }) => goto), ...others].map((name) => toPhase(definition, name));
}

/** `end`, `fail` and the like end the course; a phase never bears such a name. */
function toPhase(definition: Definition, target: string): string {
  return definition.phases.some(({ name }) => name === target) ? target : END;
}
