/** What expressions see as `phases.X.output`: that of its one task, or a map by task. */
import type { Json } from '../json/json.js';
import { outputsOf } from './element-results.js';
import type { PhaseState, TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Notes the output of a phase that is left. */
export function keepPhaseOutput(turn: Turn, phase: string, tasks: readonly TaskState[]): void {
  const [only] = tasks;
  const isInTask =
    turn.state.engine_version >= 6 && tasks.length === 1 && only?.foreach && only.status !== 'open';
  turn.patchPhase(phase, isInTask ? { output_in_task: true } : { output: phaseOutput(tasks) });
}

/** The output of a phase's last visit; null where it has not been left. */
export function readPhaseOutput(turn: Turn, { output, output_in_task, tasks }: PhaseState): Json {
  if (output_in_task !== true) return output ?? null;
  return phaseOutput(tasks.flatMap((id) => turn.task(id) ?? []));
}

/** The output of a phase whose tasks these are. */
function phaseOutput(tasks: readonly TaskState[]): Json {
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
