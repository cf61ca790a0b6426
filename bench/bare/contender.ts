/** How the driver drives the workflow written by hand. */
import type { Contender } from '../contender.js';
import { INITIAL_CONTEXT } from '../walk.js';
import {
  ADVANCE,
  BARE_TASK_QUEUE,
  BARE_WORKFLOW_TYPE,
  STATUS,
  type Advance,
  type FeatureInput,
  type FeatureStatus,
} from './messages.js';

export const BARE: Contender = {
  name: 'bare',
  workerModule: new URL('./worker.js', import.meta.url),
  workflowType: BARE_WORKFLOW_TYPE,
  trigger: ADVANCE,
  statusQuery: STATUS,
  startOptions: () => ({
    taskQueue: BARE_TASK_QUEUE,
    workflowTaskTimeout: '5s',
    args: [{ feature_id: 'bench', variables: INITIAL_CONTEXT } satisfies FeatureInput],
  }),
  triggerArgument: (step) => ({ phase: step.phase, data: step.data }) satisfies Advance,
  phaseIn: (answer) => (answer as FeatureStatus).phase,
};
