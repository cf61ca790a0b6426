/** What a start would do, without doing it: the same `transition`, and what the definition says of the rest. */
import type { PhaseDefinition, TaskDefinition } from '../definition/definition.js';
import { parseExpression } from '../expression/index.js';
import type { JsonObject } from '../json/json.js';
import { isAutomatic } from './automation.js';
import { evaluateCondition } from './evaluate.js';
import { Fault } from './fault.js';
import { END, reachFrom, type CourseOptions, type Verdict } from './plan-course.js';
import type { StartPlan, WaitingFor } from './shapes.js';
import type { InstanceState } from './state.js';
import { waitingForOf } from './summary.js';
import { TASK_KINDS } from './task-kinds/index.js';
import { transition } from './transition.js';
import { Turn } from './turn.js';

/**
 * Of an instance before its first event: the phases in the document's order, what is known to run or to be skipped, and who would be
 * waited for.
 */
export function planStart(created: InstanceState): StartPlan {
  const { definition, created_at } = created;
  const { state } = transition(created, { type: 'instance_started', at: created_at });
  return {
    phases: definition.phases.map((phase) => ({
      name: phase.name,
      will: forecast(state, phase),
      tasks: phase.tasks.map((task) => ({
        name: task.name,
        kind: task.kind,
        waiting_for: waitsFor(state, phase, task),
      })),
    })),
    automation_level: state.automation_level,
    max_recursion_depth: state.max_recursion_depth,
    resource_quota: state.resource_quota,
    waiting_for: waitingForOf(state),
  };
}

/** A phase that was reached is known; of a later one, what holds whatever the tasks before it bring. */
function forecast(state: InstanceState, phase: PhaseDefinition): Verdict {
  const reached = state.phases[phase.name];
  if (reached) return reached.status === 'skipped' ? 'skip' : 'run';
  if (state.closed_at !== null) return 'skip';
  const { definition } = state;
  const verdict = judgeCondition(state, phase);
  if (verdict === 'skip' || definition.finally === phase.name) return verdict;
  const course: CourseOptions = {
    definition,
    failures: false,
    verdict: (other) => judgeCondition(state, other),
  };
  const isOnEveryWay = !reachFrom(state.current?.phase ?? END, course, phase.name).has(END);
  return isOnEveryWay ? verdict : 'unknown';
}

/** A condition is known where nothing that may run before the phase changes what it reads. */
function judgeCondition(state: InstanceState, phase: PhaseDefinition): Verdict {
  if (phase.condition === undefined || state.phases[phase.name]) return 'run';
  if (!readsOnlyWhatStays(state, phase, phase.condition)) return 'unknown';
  try {
    const turn = new Turn(state, state.updated_at);
    const place = { phase: phase.name, field: 'condition' };
    return evaluateCondition(turn, phase.condition, place) ? 'run' : 'skip';
  } catch (error) {
    if (error instanceof Fault) return 'unknown';
    throw error;
  }
}

/** Facts of an instance that nothing changes on its way. */
const LASTING_FACTS = new Set(['id', 'feature_id', 'depth', 'parent_id', 'root_id', 'automation_level']);

function readsOnlyWhatStays(state: InstanceState, phase: PhaseDefinition, condition: string): boolean {
  const written = writtenBefore(state, phase.name);
  return parseExpression(condition).references.every(({ path: [root, name] }) => {
    if (root === 'instance') return name !== undefined && LASTING_FACTS.has(name);
    if (root !== 'variables' || written === 'any') return false;
    return name === undefined ? written.size === 0 : !written.has(name);
  });
}

/** The variables that may change before a phase is entered. */
function writtenBefore(state: InstanceState, name: string): ReadonlySet<string> | 'any' {
  const course: CourseOptions = { definition: state.definition, failures: true, verdict: () => 'unknown' };
  const before = reachFrom(state.current?.phase ?? END, course, name);
  const written = new Set<string>(state.definition.on_failure.flatMap(keysOf));
  for (const phase of state.definition.phases) {
    const runsOn = Object.values(state.tasks).some(
      ({ phase: of, detached }) => detached && of === phase.name,
    );
    if (!before.has(phase.name) && !runsOn) continue;
    for (const key of keysOf(phase)) written.add(key);
    for (const rule of phase.on_failure) for (const key of keysOf(rule)) written.add(key);
    for (const task of phase.tasks) {
      if (mergesTriggers(phase, task)) return 'any';
      for (const writer of [task, ...task.on_failure]) for (const key of keysOf(writer)) written.add(key);
    }
  }
  return written;
}

function keysOf({ outputs }: { readonly outputs?: JsonObject }): readonly string[] {
  return Object.keys(outputs ?? {});
}

/** Data of a trigger merges where neither the task nor its phase has `outputs`. */
function mergesTriggers(phase: PhaseDefinition, task: TaskDefinition): boolean {
  if (phase.outputs || task.outputs || task.foreach !== undefined) return false;
  return task.kind === 'agent' || task.kind === 'approval';
}

/** Who would be waited for; null where the automation level decides an approval by itself. */
function waitsFor(state: InstanceState, phase: PhaseDefinition, task: TaskDefinition): WaitingFor | null {
  const runsByItself = reachesThreshold(state, phase, task);
  if (task.kind === 'executor' && !runsByItself) return 'approval';
  return task.kind === 'approval' && runsByItself ? null : TASK_KINDS[task.kind].waits;
}

/** By the variables of the start: a threshold that they do not give yet is taken for one that someone decides. */
function reachesThreshold(state: InstanceState, phase: PhaseDefinition, task: TaskDefinition): boolean {
  const turn = new Turn(state, state.updated_at);
  try {
    return isAutomatic(turn, { phase: phase.name, name: task.name }, task);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}
