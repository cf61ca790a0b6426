/** What a rewind takes over: the outputs of completed elements, for the next visit of their phase and for it alone. */
import { isCompleted, resultsOf } from './element-results.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Under which key the output of a completed element is found again after a rewind. */
export function reuseKey(task: Pick<TaskState, 'phase' | 'name' | 'visit'>, requestDigest: string): string {
  return `${visitPrefix(task.phase, task.visit)}${task.name}:${requestDigest}`;
}

function visitPrefix(phase: string, visit: number): string {
  return `${phase}#${visit}/`;
}

/** Completed elements of executors may be taken over; agents' tasks and approvals always open again. */
export function keepResults(turn: Turn, slot: TaskState): void {
  if (slot.kind !== 'executor' || !slot.foreach || slot.visit !== turn.phaseState(slot.phase).visits) return;
  if (turn.taskDefinition(slot).compensate !== undefined) return;
  const next = { ...slot, visit: slot.visit + 1 };
  for (const result of resultsOf(slot.foreach)) {
    if (!isCompleted(result) || result.digest === undefined) continue;
    const key = reuseKey(next, result.digest);
    const outputs = turn.state.reusable[key] ?? [];
    turn.state.reusable = { ...turn.state.reusable, [key]: [...outputs, result.output ?? null] };
  }
}

/** What a visit that is superseded had not taken over yet is there for the one after it. */
export function passOnReusable(turn: Turn, phase: string, visit: number): void {
  const prefix = visitPrefix(phase, visit);
  const entries = Object.entries(turn.state.reusable).map(([key, outputs]) =>
    key.startsWith(prefix)
      ? ([visitPrefix(phase, visit + 1) + key.slice(prefix.length), outputs] as const)
      : ([key, outputs] as const),
  );
  turn.state.reusable = Object.fromEntries(entries);
}

/** A phase that is entered again on its way has nothing to take over from before. */
export function dropReusable(turn: Turn, phase: string, visit: number): void {
  const kept = Object.entries(turn.state.reusable).filter(
    ([key]) => !key.startsWith(`${phase}#`) || key.startsWith(visitPrefix(phase, visit)),
  );
  if (kept.length < Object.keys(turn.state.reusable).length) turn.state.reusable = Object.fromEntries(kept);
}
