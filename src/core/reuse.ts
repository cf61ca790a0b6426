/** What a rewind takes over: the outputs of completed elements, for the next visit of their phase and for it alone. */
import { isCompleted, resultsOf } from './element-results.js';
import type { Json } from '../json/json.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Under which key the output of a completed element is found again after a rewind. */
export function reuseKey(task: Pick<TaskState, 'phase' | 'name' | 'visit'>, requestDigest: string): string {
  return `${visitPrefix(task.phase, task.visit)}${task.name}:${requestDigest}`;
}

function visitPrefix(phase: string, visit: number): string {
  return `${phase}#${visit}/`;
}

/** Children, and completed elements of executors, may be taken over; agents' tasks and approvals always open again. */
export function keepResults(turn: Turn, task: TaskState): void {
  if (task.visit !== turn.phaseState(task.phase).visits) return;
  if (turn.taskDefinition(task).compensate !== undefined) return;
  if (task.kind === 'subworkflow' && task.status === 'completed' && !task.foreach)
    keepResult(turn, task, { output: task.output ?? null, digest: task.request_digest });
  if (!task.foreach || (task.kind !== 'executor' && task.kind !== 'subworkflow')) return;
  for (const result of resultsOf(task.foreach)) if (isCompleted(result)) keepResult(turn, task, result);
}

function keepResult(
  turn: Turn,
  task: TaskState,
  { output, digest }: { readonly output?: Json; readonly digest?: string | undefined },
): void {
  if (digest === undefined) return;
  const key = reuseKey({ ...task, visit: task.visit + 1 }, digest);
  const outputs = turn.state.reusable[key] ?? [];
  turn.state.reusable = { ...turn.state.reusable, [key]: [...outputs, output ?? null] };
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
