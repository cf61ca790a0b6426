import { queueAttempt } from '../attempts.js';
import { LIMITS } from '../limits.js';
import type { KindSemantics } from './kind-semantics.js';

/** Run by an activity; below its threshold someone decides first. */
export const executor: KindSemantics = {
  waits: 'executor',
  answeredBy: 'full-name',
  defaultTimeoutSec: LIMITS.executorTimeoutSec,
  begin: (turn, task, definition) => {
    if (task.approved || turn.state.automation_level >= definition.automation) queueAttempt(turn, task);
    else turn.patchTask(task, { waits: 'approval' });
  },
};
