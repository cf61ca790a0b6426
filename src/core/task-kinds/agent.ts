import type { KindSemantics } from './kind-semantics.js';

/** Done by anyone who sends a trigger. */
export const agent: KindSemantics = {
  waits: 'agent',
  answeredBy: 'any-name',
  begin: (turn, task) => {
    turn.patchTask(task, { waits: 'agent' });
  },
};
