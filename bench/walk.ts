/** The way of one instance through the five phases, for both sides alike. */
import type { JsonObject } from '../src/json/json.js';
import type { Step } from './contender.js';

export const PHASES = ['analysis', 'design', 'implementation', 'review', 'release'] as const;
type Phase = (typeof PHASES)[number];

/** What both sides start with. */
export const INITIAL_CONTEXT: JsonObject = { request: 'Let a user export the report as a spreadsheet' };

/** Five steps, from the first phase to the end. */
export function straightWalk(): readonly Step[] {
  return walkThrough([...PHASES]);
}

/** A walk that stays open: review sends the work back as often as asked. For long histories. */
export function reworkWalk(laps: number): readonly Step[] {
  const phases: Phase[] = ['analysis', 'design'];
  for (let lap = 0; lap < laps; lap += 1) phases.push('implementation', 'review');
  return walkThrough([...phases, 'implementation']);
}

/** Bytes of the user's own data that the walk's triggers carry, as JSON. */
export function userBytes(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + Buffer.byteLength(JSON.stringify(step.data)), 0);
}

function walkThrough(phases: readonly Phase[]): readonly Step[] {
  const visits = new Map<Phase, number>();
  return phases.map((phase, index) => {
    const visit = (visits.get(phase) ?? 0) + 1;
    visits.set(phase, visit);
    const next = phases[index + 1] ?? following(phase);
    return { phase, visit, next, data: dataOf(phase, next === 'implementation' && phase === 'review') };
  });
}

function following(phase: Phase): Phase | null {
  return PHASES[PHASES.indexOf(phase) + 1] ?? null;
}

function dataOf(phase: Phase, rework: boolean): JsonObject {
  const note = `What the agent of the phase ${phase} found and did, in a sentence or two.`;
  if (phase !== 'review') return { [`${phase}_note`]: note };
  return { decision: rework ? 'rework' : 'accept', review_note: note };
}
