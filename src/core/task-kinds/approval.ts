import { isAutomatic } from '../automation.js';
import type { KindSemantics } from './kind-semantics.js';

/** Decided by a person; by itself where `automation_level` reaches its threshold (`settle` takes the decision). */
export const approval: KindSemantics = {
  waits: 'approval',
  answeredBy: 'full-name',
  begin: (turn, task, definition) => {
    turn.patchTask(task, { waits: 'approval' });
    if (isAutomatic(turn, task, definition)) turn.attention.push(task.id);
  },
};
