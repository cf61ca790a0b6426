/** `require` of concurrent phases: every visit is judged once everything it opened has closed, at the end at the latest. */
import type { PhaseDefinition } from '../definition/definition.js';
import { isClosed } from './close-task.js';
import { failInstance } from './end-instance.js';
import { countTasks, isJudgedLater, meetsRequirement, requireOfVisit } from './join.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Fails the instance for the first visit that completed too few of its tasks; says whether it did. */
export function failUnmetRequirement(turn: Turn): boolean {
  for (const phase of turn.definition.phases) {
    const unmet = visitsToJudge(turn, phase).find((tasks) => tasks.every(isClosed) && !isMet(phase, tasks));
    if (!unmet) continue;
    for (const task of unmet) {
      if (task.status === 'failed') turn.patchTask(task, { revivable: true, detached: true });
    }
    const { completed, total } = countTasks(unmet);
    const message = `Phase ${phase.name} can't be joined: ${completed} of ${total} tasks completed, ${requireOfVisit(phase, unmet)} are needed`;
    const details = { phase: phase.name, completed };
    failInstance(turn, { type: 'JoinError', message, details }, { phase: phase.name });
    return true;
  }
  return false;
}

/** The visits whose closed tasks have to be kept until they are judged, as keys: `entered`. */
export function unmetVisits(turn: Turn, phase: PhaseDefinition): ReadonlySet<number> {
  const unmet = visitsToJudge(turn, phase).filter((tasks) => !isMet(phase, tasks));
  return new Set(unmet.flatMap(([task]) => task?.entered ?? []));
}

function isMet(phase: PhaseDefinition, tasks: readonly TaskState[]): boolean {
  return meetsRequirement(requireOfVisit(phase, tasks), countTasks(tasks));
}

/** The tasks of the phase that are in the state, by visit. */
function visitsToJudge(turn: Turn, phase: PhaseDefinition): TaskState[][] {
  if (!isJudgedLater(phase)) return [];
  const visits = new Map<number, TaskState[]>();
  for (const task of Object.values(turn.state.tasks)) {
    if (task.phase !== phase.name || task.group !== undefined || task.excused) continue;
    visits.set(task.entered, [...(visits.get(task.entered) ?? []), task]);
  }
  return [...visits.values()];
}
