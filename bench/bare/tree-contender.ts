/** How the driver drives the tree written by hand. */
import type { TreeContender } from '../trees/tree-contender.js';
import { BARE_TASK_QUEUE } from './messages.js';
import { BARE_TREE_TYPE, CHILDREN, FINISH, type TreeInput } from './tree-messages.js';

export const BARE_TREE: TreeContender = {
  name: 'bare',
  workflowType: BARE_TREE_TYPE,
  startOptions: (_id, fanouts) => ({
    taskQueue: BARE_TASK_QUEUE,
    workflowTaskTimeout: '5s',
    args: [{ feature_id: 'bench', fanouts } satisfies TreeInput],
  }),
  childrenQuery: CHILDREN,
  childrenIn: (answer) => answer as readonly string[],
  trigger: FINISH,
  triggerArgument: { note: 'What the agent of this leaf found and did, in a sentence or two.' },
};
