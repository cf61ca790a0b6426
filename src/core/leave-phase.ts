/** Leaving a phase: its output, its `outputs`, its `next`. */
import type { ExpressionMap, NextRule, PhaseDefinition } from '../definition/definition.js';
import { cancelTask, isClosed } from './close-task.js';
import { beginCompletion, cancelInstance, closeVisit, failInstance } from './end-instance.js';
import { proceed } from './enter-phase.js';
import { entryAgain } from './entry-again.js';
import { evaluateCondition, evaluateOutputs, renderText } from './evaluate.js';
import { keepPhaseOutput } from './phase-output.js';
import { cancelEverything } from './route-failure.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Leaves the current phase, whose join is met. Throws a Fault where `outputs` or `next` fails, with nothing changed. */
export function leavePhase(turn: Turn, phase: PhaseDefinition, tasks: readonly TaskState[]): void {
  const { variables } = turn.state;
  turn.patchCurrent({ stage: 'leaving' });
  keepPhaseOutput(turn, phase.name, tasks);
  if (phase.outputs) mergeOutputs(turn, phase, phase.outputs);
  let course: Course;
  try {
    course = chooseNext(turn, phase);
  } catch (error) {
    turn.state.variables = variables;
    throw error;
  }
  closeStragglers(turn, phase, tasks);
  closeVisit(turn, 'completed');
  turn.record('phase_completed', { phase: phase.name });
  if (!turn.state.ending) followNext(turn, phase, course);
}

function mergeOutputs(turn: Turn, phase: PhaseDefinition, outputs: ExpressionMap): void {
  turn.mergeVariables(evaluateOutputs(turn, outputs, { phase: phase.name, field: 'outputs' }));
}

/** What is still open is cancelled; in a concurrent phase it runs on beside the later ones. */
function closeStragglers(turn: Turn, phase: PhaseDefinition, tasks: readonly TaskState[]): void {
  for (const task of tasks) {
    if (isClosed(task)) continue;
    if (phase.execution_strategy === 'concurrent') detach(turn, task);
    else cancelTask(turn, task, 'cancelled');
  }
}

function detach(turn: Turn, task: TaskState): void {
  turn.patchTask(task, { detached: true });
  for (const element of Object.values(turn.state.tasks)) {
    if (element.group === task.id) turn.patchTask(element, { detached: true });
  }
}

interface Course {
  /** Absent: the phase that follows. */
  readonly rule: NextRule | undefined;
  readonly reason: string | null;
}

/** The entry that holds, its reason rendered: all that can fail comes before anything has changed. */
function chooseNext(turn: Turn, phase: PhaseDefinition): Course {
  const rule = phase.next.find(
    ({ when }, index) =>
      when === undefined ||
      evaluateCondition(turn, when, { phase: phase.name, field: `next[${index}].when` }),
  );
  if (rule?.reason === undefined) return { rule, reason: null };
  return { rule, reason: renderText(turn, rule.reason, { phase: phase.name, field: 'next.reason' }) };
}

function followNext(turn: Turn, phase: PhaseDefinition, { rule, reason }: Course): void {
  if (!rule) {
    proceed(turn, phase.name, undefined);
    return;
  }
  switch (rule.goto) {
    case 'end_now':
      cancelEverything(turn);
      beginCompletion(turn);
      return;
    case 'end':
      beginCompletion(turn);
      return;
    case 'fail': {
      const message = reason ?? `Phase ${phase.name} ends the instance as failed`;
      // The phase itself was completed: a retry visits it anew, so that another way can be taken.
      const entry = entryAgain(turn, phase.name);
      failInstance(
        turn,
        { type: rule.error ?? 'WorkflowFailedError', message },
        { phase: phase.name, entry },
      );
      return;
    }
    case 'cancel':
      cancelInstance(turn, reason);
      return;
    default:
      proceed(turn, phase.name, rule.goto);
  }
}
