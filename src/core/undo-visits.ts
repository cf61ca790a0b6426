/** Visits that count as not done: nothing is required of them, and `max_visits` doesn't count them. */
import { isJudgedLater } from './join.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Undoes the visits from `entered` on. Of a phase with one among them all count no more: loops start afresh. */
export function undoVisits(turn: Turn, entered: number): void {
  for (const [name, { visits, entered: last }] of Object.entries(turn.state.phases)) {
    if (last >= entered && turn.phaseDefinition(name).max_visits !== undefined)
      turn.patchPhase(name, { undone_visits: visits });
  }
  excuseVisits(turn, (task) => task.entered >= entered);
}

/**
 * A visit that a retry, a rewind or the end of the instance forces may be made, once. What `${…}` gives for
 * `max_visits` is known at the entry only: it is taken for the least it may be, and the loop starts afresh.
 */
export function allowVisit(turn: Turn, phase: string): void {
  const { max_visits } = turn.phaseDefinition(phase);
  const { visits, undone_visits = 0 } = turn.phaseState(phase);
  const limit = typeof max_visits === 'string' ? 1 : max_visits;
  if (limit === undefined || visits - undone_visits < limit) return;
  turn.patchPhase(phase, { undone_visits: visits - limit + 1 });
}

/** Nothing is required of a visit that has been undone, or whose failure has led elsewhere. */
export function excuseVisits(turn: Turn, concerned: (task: TaskState) => boolean): void {
  for (const task of Object.values(turn.state.tasks)) {
    if (!concerned(task) || task.group !== undefined) continue;
    if (isJudgedLater(turn.phaseDefinition(task.phase))) turn.patchTask(task, { excused: true });
  }
}
