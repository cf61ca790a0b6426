import { isJsonObject } from '../json/json.js';
import type { Report } from './finding.js';
import { failureTargets, phaseFailureTargets } from './failure-targets.js';
import { EXITS, NAME, reservedBy } from './names.js';
import { nearestName } from './nearest-name.js';
import { listOf, textOf, type Outline, type PhaseOutline } from './outline.js';

/**
 * Every phase can be reached from the first but `finally`: by the order of the document, `next`, a condition that is
 * false, a failure, a timeout, too many visits, or as `finally`. The order of the document passes over `finally`, and
 * nothing follows it when it runs at the end.
 */
export function checkReachability(outline: Outline, report: Report): void {
  const reached = reachPhases(outline);
  if (reached === 'any') return;
  for (const phase of outline.phases) {
    if (isDoubtful(phase, outline) || reached.has(phase.name)) continue;
    const message = `No way leads to the phase ${phase.name}`;
    const hint = 'lead to it with `next`, `fallback_phase` or `on_failure`, or remove it';
    report({ code: 'unreachable-phase', message, path: [...phase.path, 'name'], hint });
  }
}

/** Targets that are no phases; none where the document ends. */
const NOT_PHASES = new Set<string>([...EXITS, 'continue', '']);

/** How many misspelt targets are taken for what they mean: each look costs some time. */
const MAX_GUESSES = 20;

/** A phase whose name is refused: what was to lead to it cannot be told. */
function isDoubtful(phase: PhaseOutline, { byName }: Outline): boolean {
  const { name } = phase;
  return !NAME.test(name) || reservedBy(name) !== undefined || byName.get(name) !== phase;
}

/** The names of the phases that are reached; `any` where a target means none of them, and so may mean each. */
function reachPhases(outline: Outline): ReadonlySet<string> | 'any' {
  let guesses = MAX_GUESSES;
  const reached = new Set<string>();
  const first = outline.phases.find(({ name }) => name !== outline.raw['finally']);
  const doubtful = outline.phases.filter((phase) => isDoubtful(phase, outline));
  const pending = first ? [first.name, ...failureTargets(outline.raw)] : [];
  for (const phase of doubtful) pending.push(phase.name, ...successorsOf(phase, outline));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const isUnknown = !outline.byName.has(name) && !NOT_PHASES.has(name);
    if (isUnknown) guesses -= 1;
    const phase = isUnknown && guesses >= 0 ? meantPhase(name, outline) : outline.byName.get(name);
    if (isUnknown && !phase) return 'any';
    if (!phase || reached.has(phase.name)) continue;
    reached.add(phase.name);
    pending.push(...successorsOf(phase, outline));
  }
  const last = textOf(outline.raw['finally']);
  if (last !== undefined) reached.add(last);
  return reached;
}

/** A misspelt target is reported as such; the phase that it means is not unreachable as well. */
function meantPhase(name: string, { byName, phaseNames }: Outline): PhaseOutline | undefined {
  const nearest = nearestName(name, phaseNames);
  return nearest === undefined ? undefined : byName.get(nearest);
}

function successorsOf(phase: PhaseOutline, outline: Outline): readonly string[] {
  const targets = [...nextTargets(phase, outline), ...phaseFailureTargets(phase)];
  const { condition, fallback_phase: fallback, max_visits: limit, on_max_visits: onLimit } = phase.raw;
  if (condition !== undefined && condition !== true) {
    targets.push(textOf(fallback) ?? followerOf(phase, outline));
  }
  if (limit !== undefined) targets.push(textOf(onLimit) ?? '');
  return targets;
}

function nextTargets(phase: PhaseOutline, outline: Outline): readonly string[] {
  const { next, condition } = phase.raw;
  if (condition === false) return [];
  if (typeof next === 'string') return [next];
  const rules = listOf(next).filter(isJsonObject);
  const holds = rules.findIndex(({ when }) => when === undefined || when === true);
  const used = holds === -1 ? rules : rules.slice(0, holds + 1);
  const targets = used.map(({ goto }) => textOf(goto) ?? '');
  return holds === -1 ? [...targets, followerOf(phase, outline)] : targets;
}

/** The phase that follows in the document; empty after the last. */
function followerOf(phase: PhaseOutline, outline: Outline): string {
  const last = outline.raw['finally'];
  return outline.phases.slice(phase.index + 1).find(({ name }) => name !== last)?.name ?? '';
}
