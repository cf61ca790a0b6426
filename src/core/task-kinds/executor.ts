import { queueAttempt } from '../attempts.js';
import { isAutomatic } from '../automation.js';
import { LIMITS } from '../limits.js';
import type { KindSemantics } from './kind-semantics.js';

/** Run by an activity; below its threshold someone decides first. */
export const executor: KindSemantics = {
  waits: 'executor',
  answeredBy: 'full-name',
  defaultTimeoutSec: LIMITS.executorTimeoutSec,
  begin: (turn, task, definition) => {
    if (task.approved || isAutomatic(turn, task, definition)) queueAttempt(turn, task);
    else turn.patchTask(task, { waits: 'approval' });
  },
};
