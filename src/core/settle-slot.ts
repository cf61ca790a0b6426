/** A foreach: opens elements as others close, and closes when its own join is met. */
import { cancelElements, completeTask, isOpen } from './close-task.js';
import { judgeJoin, meetsRequirement, type JoinCounts } from './join.js';
import { openElements, widthsOf } from './open-task.js';
import { failTask } from './route-failure.js';
import type { Foreach, TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Looks at a slot after its elements moved. */
export function settleSlot(turn: Turn, slot: TaskState): void {
  if (!slot.foreach || !isOpen(slot)) return;
  const { join, require: required } = widthsOf(turn, slot, slot.foreach);
  const verdict = judgeJoin(join, countsOf(slot.foreach));
  if (verdict === 'open') {
    openElements(turn, slot);
    return;
  }
  cancelElements(turn, slot, 'cancelled');
  const known = turn.task(slot.id) ?? slot;
  const counts = countsOf(known.foreach ?? slot.foreach);
  if (verdict === 'met' && meetsRequirement(required, counts)) {
    completeTask(turn, known, { data: null, merges: false });
    return;
  }
  const message = `Task ${slot.id} can't be joined: ${counts.completed} of ${counts.total} elements completed, ${required ?? join} are needed`;
  const details = { task: slot.id, completed: counts.completed, total: counts.total };
  failTask(turn, known, { type: 'JoinError', message, details }, { unjoinable: true });
}

function countsOf(foreach: Foreach): JoinCounts {
  return { total: foreach.items.length, closed: foreach.closed, completed: foreach.completed };
}
