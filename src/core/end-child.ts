/** Ending children: gracefully first, by an activity where one does not close. */
import { queueKey } from './create-child.js';
import { LIMITS } from './limits.js';
import type { ChildState } from './child-state.js';
import { endedAs, figuresOfChild, openChildrenOf } from './tree-figures.js';
import type { Turn } from './turn.js';

/** Asks a child to end. One that was not started yet never is. */
export function endChild(turn: Turn, child: ChildState, reason: string | null): void {
  if (child.stage === 'closed' || child.ending) return;
  if (child.stage === 'queued') {
    turn.state.queue = turn.state.queue.filter((key) => key !== queueKey(child.id));
    turn.dropChild(child.id);
    // It never was: it takes no place among those that there may be.
    if (turn.state.engine_version >= 6) turn.state.child_count = (turn.state.child_count ?? 1) - 1;
    return;
  }
  turn.putChild({ ...child, ending: true });
  turn.command({ type: 'cancel_child', instance_id: child.id, reason });
  turn.setDeadline(`kill:${child.id}`, {
    at: turn.at + LIMITS.childEndSec * 1000,
    kind: 'kill',
    child: child.id,
  });
}

/** Asks all children that are open to end. */
export function endChildren(turn: Turn, reason: string | null): void {
  for (const child of openChildrenOf(turn.state)) endChild(turn, child, reason);
}

const KILL = 'kill:';

/** Whether an activity's key is that of a child's termination: nothing waits for its result. */
export function isKill(key: string): boolean {
  return key.startsWith(KILL);
}

/** Terminates a child that does not end by itself: workflow code cannot, an activity can. */
export function killChild(turn: Turn, id: string, why: string): void {
  const child = turn.state.children?.[id];
  if (child === undefined || child.stage === 'closed' || child.stage === 'queued') return;
  const isTried = turn.state.engine_version >= 9;
  const reason = child.killed ?? why;
  turn.putChild({ ...child, ending: true, ...(isTried ? { killed: reason } : {}) });
  turn.clearDeadline(`kill:${id}`);
  turn.state.running_activities += 1;
  turn.command({
    type: 'schedule_activity',
    key: `${KILL}${id}`,
    task_id: child.task ?? id,
    attempt: 1,
    activity: 'chatflow.terminateChild',
    input: { instance_id: id, reason },
    timeout_sec: isTried ? LIMITS.killSec : LIMITS.childEndSec,
  });
}

/** A termination may have come to nothing: the worker died, or the server was away. It is tried again until it is done. */
export function retryKill(turn: Turn, key: string): void {
  const id = key.slice(KILL.length);
  const child = turn.state.children?.[id];
  if (turn.state.engine_version < 9 || child === undefined || child.stage === 'closed') return;
  turn.setDeadline(`kill:${id}`, { at: turn.at + LIMITS.killSec * 1000, kind: 'kill', child: id });
}

/** Terminates all that are open. */
export function killChildren(turn: Turn, reason: string): void {
  for (const child of openChildrenOf(turn.state)) {
    if (child.stage === 'queued') endChild(turn, child, reason);
    else if (child.killed === undefined) killChild(turn, child.id, reason);
  }
}

/** The instance closes: what is still open below it ends with it, by the server. */
export function closeChildren(turn: Turn): void {
  for (const child of openChildrenOf(turn.state)) {
    const figures = endedAs(figuresOfChild(turn.state, child), 'terminated');
    const { report } = child;
    turn.putChild({
      ...child,
      stage: 'closed',
      status: 'terminated',
      ...(report ? { report: { ...report, figures, as_of: turn.at } } : {}),
    });
  }
}
