/** What expressions see as `phases.X.output`: that of its one task, or a map by task. */
import type { Json } from '../json/json.js';
import { outputsOf } from './element-results.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** The output of a phase whose tasks these are. */
export function phaseOutput(tasks: readonly TaskState[]): Json {
  const [only] = tasks;
  if (only && tasks.length === 1) return outputOf(only);
  return Object.fromEntries(tasks.map((task) => [task.name, outputOf(task)]));
}

/** The outputs of a foreach's elements in order, null where one did not complete; else what the task brought. */
function outputOf(task: TaskState): Json {
  return task.foreach ? outputsOf(task.foreach) : (task.output ?? null);
}

/** A task that ran on beside the phases has completed: its phase, left long ago, has its output now. */
export function refreshPhaseOutput(turn: Turn, task: TaskState): void {
  if (!task.detached || task.group !== undefined) return;
  const { entered, output, tasks } = turn.phaseState(task.phase);
  if (entered !== task.entered || output === undefined) return;
  turn.patchPhase(task.phase, { output: phaseOutput(tasks.flatMap((id) => turn.task(id) ?? [])) });
}
