/** A foreach: opens elements as others close, and closes when its own join is met. */
import type { Join } from '../definition/definition.js';
import { cancelElements, completeTask, isOpen } from './close-task.js';
import { countElements, isLoneForeach, joinOfVisit, judgeJoin, meetsRequirement } from './join.js';
import { openElements, widthsOf } from './open-task.js';
import { findBreach } from './quota.js';
import { failTask, runsBeside } from './route-failure.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

/** Looks at a slot after its elements moved. */
export function settleSlot(turn: Turn, slot: TaskState): void {
  if (!slot.foreach || !isOpen(slot)) return;
  const { join, require: required } = widthsOf(turn, slot, slot.foreach);
  const counts = countElements(slot, slot.foreach);
  const awaited = joinOfPhase(turn, slot);
  const mayBeLeft = awaited === undefined || judgeJoin(awaited, counts) !== 'impossible';
  const verdict = mayBeLeft ? judgeJoin(join, counts) : 'impossible';
  if (verdict === 'open') {
    if (!stopsHere(turn)) openElements(turn, slot);
    return;
  }
  cancelElements(turn, slot, 'cancelled');
  const known = turn.task(slot.id) ?? slot;
  if (verdict === 'met' && meetsRequirement(required, counts)) {
    completeTask(turn, known, { data: null, merges: false });
    return;
  }
  const wanted = mayBeLeft ? (required ?? join) : awaited;
  const message = `Task ${slot.id} can't be joined: ${counts.completed} of ${counts.total} elements completed, ${wanted} are needed`;
  const details = { task: slot.id, completed: counts.completed, total: counts.total };
  failTask(turn, known, { type: 'JoinError', message, details }, { unjoinable: true });
}

/** A quota that is reached stops further work: `settle` acts on it next, and a resume looks at the slot again. */
function stopsHere({ state, at }: Turn): boolean {
  return state.engine_version >= 4 && findBreach(state, at) !== null;
}

/** What the current visit waits for before it is left, where these elements are all that it has. */
function joinOfPhase(turn: Turn, slot: TaskState): Join | undefined {
  const { current } = turn.state;
  const phase = turn.phaseDefinition(slot.phase);
  if (!current || !isLoneForeach(phase) || runsBeside(turn, slot)) return undefined;
  return joinOfVisit(phase, current);
}
