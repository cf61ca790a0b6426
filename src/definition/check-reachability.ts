import { isJsonObject } from '../json/json.js';
import type { Report } from './finding.js';
import { failureTargets, phaseFailureTargets } from './failure-targets.js';
import { listOf, textOf, type Outline, type PhaseOutline } from './outline.js';

/**
 * Every phase can be reached from the first: by the order of the document, `next`, a condition that is false, a
 * failure, a timeout, too many visits, or as `finally`. The order of the document passes over `finally`, and nothing
 * follows it when it runs at the end.
 */
export function checkReachability(outline: Outline, report: Report): void {
  const reached = reachPhases(outline);
  for (const phase of outline.phases) {
    if (phase.name === '' || reached.has(phase.name)) continue;
    const message = `No way leads to the phase ${phase.name}`;
    const hint = 'lead to it with `next`, `fallback_phase` or `on_failure`, or remove it';
    report({ code: 'unreachable-phase', message, path: [...phase.path, 'name'], hint });
  }
}

function reachPhases(outline: Outline): ReadonlySet<string> {
  const reached = new Set<string>();
  const [first] = outline.phases;
  const pending = first ? [first.name, ...failureTargets(outline.raw)] : [];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const phase = outline.byName.get(name);
    if (!phase || reached.has(name)) continue;
    reached.add(name);
    pending.push(...successorsOf(phase, outline));
  }
  const last = textOf(outline.raw['finally']);
  if (last !== undefined) reached.add(last);
  return reached;
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
