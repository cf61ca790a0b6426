/**
 * Brings an instance to rest after an event: the one loop in which everything that follows from a change happens.
 * Rules: nothing new starts in a pause (S1); compensations go before any entry (S2); a failing expression fails its
 * phase, never the caller (S3); waits on expressions are looked at after every change (S4).
 */
import { startQueued } from './attempts.js';
import { advancePhase } from './advance-phase.js';
import { checkTrigger, performTrigger } from './accept-trigger.js';
import { decideAutomatically, takeOver } from './answer-task.js';
import { completeTask } from './close-task.js';
import { indexDefinition } from './definition-index.js';
import {
  failInstance,
  hasOpenChildren,
  recordRejected,
  startCompensation,
  stepEnding,
} from './end-instance.js';
import { ChatFlowError } from './errors.js';
import { enterPhase } from './enter-phase.js';
import { evaluateCondition } from './evaluate.js';
import { Fault } from './fault.js';
import { failUnmetRequirement } from './require-visits.js';
import { earlyKeys } from './open-task.js';
import { findBreach } from './quota.js';
import { pauseByQuota } from './pause-by-quota.js';
import { hasRoom, waitsForRoom } from './room-for-child.js';
import { pausesAt } from './shared-quota.js';
import { reuseKey } from './reuse.js';
import { failAttempt, failTask, routeFailure, runsBeside, type VisitOf } from './route-failure.js';
import { taskExtras } from './scope.js';
import { settleSlot } from './settle-slot.js';
import type { TriggerInput } from './shapes.js';
import type { TaskState } from './state.js';
import { TASK_KINDS } from './task-kinds/index.js';
import { completeDueWait } from './task-kinds/wait.js';
import { timeOutAtOnce } from './time-out.js';
import type { Turn } from './turn.js';

/** Runs until nothing more follows, then starts what is queued. */
export function settle(turn: Turn): void {
  const waits = { after: 0 };
  do {
    while (turn.state.closed_at === null && !turn.state.paused && step(turn, waits));
    startQueued(turn);
  } while (turn.attention.length > 0 && turn.state.closed_at === null && !turn.state.paused);
}

function step(turn: Turn, waits: WaitsCursor): boolean {
  const { state } = turn;
  if (turn.attention.length > 0) return attend(turn);
  if (state.compensation_running) return false;
  if (state.compensating.length > 0) {
    if (state.draining || (state.ending?.stage === 'compensate' && hasOpenChildren(turn))) return false;
    startCompensation(turn);
    return true;
  }
  if (stopAtQuota(turn)) return true;
  if (state.entry) {
    enterPhase(turn, state.entry);
    return true;
  }
  return stepVisit(turn) || closeHeldWaits(turn, waits) || stepEnd(turn);
}

function stepVisit(turn: Turn): boolean {
  const { current, ending } = turn.state;
  if (!current || turn.phaseState(current.phase).status !== 'running') return false;
  if (ending && ending.stage !== 'finally') return false;
  return guarded(turn, current, () => advancePhase(turn, current));
}

function stepEnd(turn: Turn): boolean {
  const { ending } = turn.state;
  if (!ending) return false;
  try {
    return ending.stage === 'drain' && failUnmetRequirement(turn) ? true : stepEnding(turn, ending);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    failInstance(turn, error.problem, {});
    return true;
  }
}

/** Runs a step of a visit, or of a task; an expression that fails in it fails the phase, or what runs on beside it. */
export function guarded(turn: Turn, at: VisitOf, run: () => boolean): boolean {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    routeFailure(turn, { phase: at.phase, problem: error.problem, isBeside: isBeside(turn, at) });
    return true;
  }
}

/** Up to version 2 whatever is of the current phase is taken for its current visit. */
function isBeside(turn: Turn, at: VisitOf): boolean {
  return turn.state.engine_version >= 3 ? runsBeside(turn, at) : turn.state.current?.phase !== at.phase;
}

function attend(turn: Turn): boolean {
  const id = turn.attention.shift();
  const task = id === undefined ? undefined : turn.task(id);
  if (task?.status !== 'open') return true;
  return guarded(turn, task, () => {
    attendTask(turn, task);
    return true;
  });
}

function attendTask(turn: Turn, task: TaskState): void {
  const problem = turn.unfit.get(task.id);
  if (problem) {
    turn.unfit.delete(task.id);
    failTask(turn, task, problem);
    return;
  }
  const refusal = task.refusal ?? turn.refused.get(task.id);
  if (refusal) {
    turn.refused.delete(task.id);
    const known = turn.patchTask(task, { refusal: undefined });
    if (waitsForRoom(turn, refusal) || hasRoom(turn, refusal))
      TASK_KINDS[task.kind].begin(turn, known, turn.taskDefinition(task));
    else failAttempt(turn, known, refusal);
    return;
  }
  if (task.foreach) {
    settleSlot(turn, task);
    return;
  }
  const reuse = task.request_digest === undefined ? undefined : reuseKey(task, task.request_digest);
  if (reuse !== undefined && !task.queued && !task.running && turn.state.reusable[reuse]) {
    takeOver(turn, task, reuse);
    return;
  }
  if (task.waits === 'approval') decideAutomatically(turn, task);
  const still = turn.task(task.id);
  if (still?.status === 'open') applyEarly(turn, still);
  const waiting = turn.task(task.id);
  if (waiting?.status === 'open' && waiting.kind === 'wait') completeDueWait(turn, waiting);
  const left = turn.task(task.id);
  if (left?.status === 'open' && turn.state.engine_version >= 4) timeOutAtOnce(turn, left);
}

/** Applies the oldest trigger that was kept for this task, one at each opening; one that does not fit is refused. */
function applyEarly(turn: Turn, task: TaskState): void {
  for (;;) {
    const input = takeEarly(turn, task);
    if (!input) return;
    try {
      checkTrigger(turn, task, input);
    } catch (error) {
      if (!(error instanceof ChatFlowError)) throw error;
      recordRejected(turn, input, error.toProblem());
      continue;
    }
    performTrigger(turn, task, input);
    return;
  }
}

function takeEarly(turn: Turn, task: TaskState): TriggerInput | undefined {
  const key = earlyKeys(task).find((candidate) => turn.state.early[candidate]);
  if (key === undefined) return undefined;
  const [input, ...rest] = turn.state.early[key] ?? [];
  const { [key]: _kept, ...others } = turn.state.early;
  turn.state.early = rest.length > 0 ? { ...others, [key]: rest } : others;
  return input;
}

/** Where the round through the waits goes on: after the task of this order. */
interface WaitsCursor {
  after: number;
}

/**
 * Completes a `wait: { when }` whose expression holds; one at a time, so that each sees what the last has changed. The
 * round goes on behind it, and ends once none has held since: those before it are looked at once a round.
 */
function closeHeldWaits(turn: Turn, cursor: WaitsCursor): boolean {
  if (!indexDefinition(turn.definition).waitsOnExpressions) return false;
  const open = Object.values(turn.state.tasks).filter(
    (task) => task.status === 'open' && task.kind === 'wait' && !task.foreach,
  );
  const next = open.filter((task) => task.order > cursor.after);
  return [...next, ...open.filter((task) => task.order <= cursor.after)].some((task) => {
    const waiting = turn.taskDefinition(task).wait;
    if (waiting?.type !== 'when') return false;
    cursor.after = task.order;
    return guarded(turn, task, () => {
      const place = { phase: task.phase, task: task.name, field: 'wait.when' };
      if (!evaluateCondition(turn, waiting.when, place, taskExtras(task))) return false;
      completeTask(turn, task, { data: {}, merges: false });
      return true;
    });
  });
}

/** Reaching a quota fails the instance, or pauses it; a quota stops further work. */
function stopAtQuota(turn: Turn): boolean {
  const { state } = turn;
  if (state.ending && state.ending.stage !== 'drain') return false;
  const breach = findBreach(state, turn.at);
  if (!breach) return false;
  turn.record('quota_exceeded', { data: { quota: breach.quota, limit: breach.limit, used: breach.used } });
  const message = `Quota ${breach.quota} is reached: ${breach.used} of ${breach.limit} used`;
  if (pausesAt(state, breach.quota)) {
    pauseByQuota(turn, message);
    return true;
  }
  failInstance(turn, { type: 'QuotaExceededError', message, details: { ...breach, requested: 0 } }, {});
  return true;
}
