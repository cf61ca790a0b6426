/** What the current phase does next: open tasks that are due, leave when the join is met, fail when it cannot be. */
import type { Join, PhaseDefinition } from '../definition/definition.js';
import { isClosed, isOpen } from './close-task.js';
import {
  countVisit,
  isLoneForeach,
  joinOfVisit,
  judgeJoin,
  mayMeetRequirement,
  meetsRequirement,
  requireOfVisit,
  type JoinCounts,
} from './join.js';
import { leavePhase } from './leave-phase.js';
import { openTask, skipByCondition } from './open-task.js';
import { routeFailure } from './route-failure.js';
import type { CurrentVisit, TaskState } from './state.js';
import type { Turn } from './turn.js';

/** One step of the current visit; false where it waits. Throws a Fault where an expression fails. */
export function advancePhase(turn: Turn, visit: CurrentVisit): boolean {
  const phase = turn.phaseDefinition(visit.phase);
  const tasks = turn.phaseState(phase.name).tasks.flatMap((id) => turn.task(id) ?? []);
  if (visit.stage === 'entering') return judgeConditions(turn, tasks);
  const wanted: Wanted = { join: joinOfVisit(phase, visit), require: requireOfVisit(phase, tasks) };
  const counts = countVisit(phase, wanted.join, tasks);
  const verdict = judgePhase(phase, wanted, counts);
  if (opensTogether(phase, verdict) && openDueTasks(turn, tasks)) return true;
  if (verdict === 'met') {
    leavePhase(turn, phase, tasks);
    return true;
  }
  if (verdict === 'impossible') return failJoin(turn, phase, wanted.require ?? wanted.join, counts);
  return phase.execution_strategy === 'sequential' && openNextTask(turn, tasks);
}

/** Tasks that do not wait for their turn are skipped, or not, as the phase opens. */
function judgeConditions(turn: Turn, tasks: readonly TaskState[]): boolean {
  for (const task of tasks) if (task.status === 'pending') skipByCondition(turn, task);
  turn.patchCurrent({ stage: 'tasks' });
  return true;
}

/** A concurrent phase opens its tasks even where it ends at once; a parallel one opens none once it is decided. */
function opensTogether(phase: PhaseDefinition, verdict: Verdict): boolean {
  if (phase.execution_strategy === 'sequential') return false;
  return phase.execution_strategy === 'concurrent' || verdict === 'open';
}

type Verdict = ReturnType<typeof judgeJoin>;

/** What the visit waits for, and what is required of it then. */
interface Wanted {
  readonly join: Join;
  readonly require: Join | undefined;
}

/** The phase ends when its join is met, and its `require` with it; that of a concurrent one is looked at in the end. */
function judgePhase(phase: PhaseDefinition, { join, require }: Wanted, counts: JoinCounts): Verdict {
  if (phase.execution_strategy === 'concurrent') return judgeJoin(join, counts);
  // Where the only task is a foreach, the phase's join is its.
  if (isLoneForeach(phase)) return judgeJoin('all', counts);
  const verdict = judgeJoin(join, counts);
  if (verdict !== 'met' || meetsRequirement(require, counts)) return verdict;
  return mayMeetRequirement(require, counts) ? 'open' : 'impossible';
}

/** Opens every pending task whose `after` has closed. */
function openDueTasks(turn: Turn, tasks: readonly TaskState[]): boolean {
  const closed = new Set(tasks.filter(isClosed).map((task) => task.name));
  const due = tasks.filter(
    (task) => task.status === 'pending' && turn.taskDefinition(task).after.every((name) => closed.has(name)),
  );
  for (const task of due) {
    const known = turn.task(task.id);
    if (known?.status === 'pending') openTask(turn, known);
  }
  return due.length > 0;
}

/** Opens the next task of a sequential phase, or skips it; false where one is open. */
function openNextTask(turn: Turn, tasks: readonly TaskState[]): boolean {
  if (tasks.some(isOpen)) return false;
  const next = tasks.find((task) => task.status === 'pending');
  if (!next) return false;
  if (!skipByCondition(turn, next)) openTask(turn, next);
  return true;
}

function failJoin(turn: Turn, phase: PhaseDefinition, wanted: Join, counts: JoinCounts): boolean {
  // A retry has to open again what failed under `continue`: without it the join can never be met.
  for (const id of turn.phaseState(phase.name).tasks) {
    const task = turn.task(id);
    if (task?.status === 'failed') turn.patchTask(task, { revivable: true });
  }
  const message = `Phase ${phase.name} can't be joined: ${counts.completed} of ${counts.total} tasks completed, ${wanted} are needed`;
  routeFailure(turn, {
    phase: phase.name,
    problem: {
      type: 'JoinError',
      message,
      details: { phase: phase.name, join: wanted, completed: counts.completed, total: counts.total },
    },
  });
  return true;
}
