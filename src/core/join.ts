import type { Join, JoinTemplate, PhaseDefinition } from '../definition/definition.js';
import type { CurrentVisit, Foreach, TaskState } from './state.js';

/** Tasks that count: those skipped by their condition do not. */
export interface JoinCounts {
  readonly total: number;
  readonly closed: number;
  readonly completed: number;
  /** Cancelled by `cancels` or `end_now`: nothing is required of them. */
  readonly excused?: number;
}

/** `all` waits for every task to close; a number for so many to complete, or all of them where fewer were opened. */
export function judgeJoin(join: Join, counts: JoinCounts): 'open' | 'met' | 'impossible' {
  if (join === 'all') return counts.closed >= counts.total ? 'met' : 'open';
  const needed = Math.min(join, counts.total);
  if (counts.completed >= needed) return 'met';
  const reachable = counts.completed + (counts.total - counts.closed);
  return reachable < needed ? 'impossible' : 'open';
}

/** `require`, once everything has closed: at least so many completed. Of nothing, nothing is required. */
export function meetsRequirement(required: Join | undefined, counts: JoinCounts): boolean {
  if (required === undefined || counts.total === 0) return true;
  return counts.completed + (counts.excused ?? 0) >= (required === 'all' ? counts.total : required);
}

/** Whether `require` can still be met by what has not closed. */
export function mayMeetRequirement(required: Join | undefined, counts: JoinCounts): boolean {
  const reachable = counts.completed + (counts.total - counts.closed);
  return meetsRequirement(required, { ...counts, completed: reachable });
}

/** Whether `require` is looked at once all has closed, beside the phases that follow. */
export function isJudgedLater(phase: PhaseDefinition): boolean {
  return phase.execution_strategy === 'concurrent' && phase.require !== undefined;
}

/** Whether the definition gives the value itself: one `${…}` is evaluated once a visit. */
export function isWrittenOut(join: JoinTemplate): join is Join {
  return typeof join === 'number' || join === 'all';
}

/** The join of a visit: what was evaluated as it was entered, else the definition's. */
export function joinOfVisit(phase: PhaseDefinition, visit: CurrentVisit): Join {
  return visit.join ?? (phase.join as Join);
}

/** What is required of a visit's tasks: they carry what was evaluated as it was entered. */
export function requireOfVisit(phase: PhaseDefinition, [task]: readonly TaskState[]): Join | undefined {
  return task?.require ?? (phase.require as Join | undefined);
}

/** Whether the phase has one task, a foreach: its join is over the elements. */
export function isLoneForeach({ tasks }: PhaseDefinition): boolean {
  return tasks.length === 1 && tasks[0]?.foreach !== undefined;
}

/**
 * What the join of a visit counts: its tasks, or the elements of its one foreach, where a number of them is enough to
 * leave. Definitions that were normalised before that was the phase's have `all` here, and the number on the task.
 */
export function countVisit(phase: PhaseDefinition, join: Join, tasks: readonly TaskState[]): JoinCounts {
  const [slot] = tasks;
  const isOverElements = join !== 'all' && isLoneForeach(phase) && slot?.foreach !== undefined;
  return isOverElements ? countElements(slot, slot.foreach) : countTasks(tasks);
}

/** What counts of the elements of a slot; once it has closed no more of them open. */
export function countElements({ status }: TaskState, foreach: Foreach): JoinCounts {
  const total = foreach.items.length;
  const isOver = status !== 'open' && status !== 'pending';
  return { total, closed: isOver ? total : foreach.closed, completed: foreach.completed };
}

/** What counts of the tasks of one visit. */
export function countTasks(tasks: readonly TaskState[]): JoinCounts {
  const counted = tasks.filter((task) => task.status !== 'skipped');
  const having = (status: TaskState['status']): number =>
    counted.filter((task) => task.status === status).length;
  return {
    total: counted.length,
    closed: counted.length - having('open') - having('pending'),
    completed: having('completed'),
    excused: having('cancelled'),
  };
}
