import type { TaskKind } from '../../definition/definition.js';
import { agent } from './agent.js';
import { approval } from './approval.js';
import { executor } from './executor.js';
import type { KindSemantics } from './kind-semantics.js';
import { subworkflow } from './subworkflow.js';
import { wait } from './wait.js';

/** The kinds of task there are. */
export const TASK_KINDS: Readonly<Record<TaskKind, KindSemantics>> = {
  agent,
  approval,
  executor,
  subworkflow,
  wait,
};
