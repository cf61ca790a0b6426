/** How the driver drives a tree of ChatFlow's instances: children by name, each with one agent task at its end. */
import type { WorkflowState } from '../../src/core/shapes.js';
import { WORKFLOW_TYPE } from '../../src/workflows/messages.js';
import type { TreeContender } from '../trees/tree-contender.js';
import { startOptionsOf } from './contender.js';
import { prepare } from './prepare.js';
import { treeDocument } from './tree-documents.js';

export const OUR_TREE: TreeContender = {
  name: 'ours',
  workflowType: WORKFLOW_TYPE,
  startOptions: (id, fanouts) => startOptionsOf(id, prepare(treeDocument(fanouts), {})),
  childrenQuery: 'get_workflow_state',
  childrenIn: (answer) =>
    (answer as WorkflowState).tasks.flatMap(({ instance_id }) => (instance_id ? [instance_id] : [])),
  trigger: 'trigger_next_step',
  triggerArgument: {
    trigger_id: 'work#1/work/1',
    trigger_data: { note: 'What the agent of this leaf found and did, in a sentence or two.' },
  },
};
