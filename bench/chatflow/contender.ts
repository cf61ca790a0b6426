/** How the driver drives ChatFlow: as its TypeScript client does, with the raw client of Temporal that bare has. */
import { fileURLToPath } from 'node:url';
import type { WorkflowStartOptions } from '@temporalio/client';
import { searchAttributesOf } from '../../src/client/search-attributes.js';
import { createInstance } from '../../src/core/create-instance.js';
import type { TriggerInput, TriggerResult, WorkflowStatusInfo } from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import {
  TASK_QUEUE,
  WORKFLOW_TYPE,
  type PreparedDefinition,
  type StartInput,
} from '../../src/workflows/messages.js';
import type { Contender, Step } from '../contender.js';
import { prepareManyTasks } from './prepare.js';

/** The product's own bundle, of `npm run build`. */
export function oursBundlePath(): string {
  return fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
}

/** ChatFlow, with instances of the five phases. */
export function createOurs(prepared: PreparedDefinition): Contender {
  return {
    name: 'ours',
    workerModule: new URL('./worker.js', import.meta.url),
    workflowType: WORKFLOW_TYPE,
    trigger: 'trigger_next_step',
    statusQuery: 'get_workflow_status_info',
    startOptions: (id) => startOptionsOf(id, prepared),
    triggerArgument: triggerOf,
    phaseIn: (answer) => phaseIn(answer as TriggerResult | WorkflowStatusInfo),
  };
}

/** ChatFlow, with instances of one phase of many tasks. */
export function manyTasksContender(tasks: number): Contender {
  return createOurs(prepareManyTasks(tasks));
}

/** A trigger as an agent sends it: guarded by its phase, and idempotent. */
export function triggerOf(step: Step): TriggerInput {
  const visit = `${step.phase}#${String(step.visit)}`;
  return { trigger_data: step.data, expected_phase: visit, trigger_id: `${visit}/${step.phase}/1` };
}

/** Before its first event, for the microbench and for the search attributes of a start. */
export function newInstance(id: string, prepared: PreparedDefinition, at: number): InstanceState {
  const { definition, digest, context, settings } = prepared;
  return createInstance({
    instance_id: id,
    tenant_id: 'default',
    feature_id: 'bench',
    definition,
    definition_digest: digest,
    context,
    automation_level: settings.default_automation_level,
    max_recursion_depth: settings.max_recursion_depth,
    resource_quota: settings.default_resource_quota,
    at,
  });
}

/** Everything that a start needs but the id, as the TypeScript client sends it. */
export function startOptionsOf(
  id: string,
  prepared: PreparedDefinition,
): Omit<WorkflowStartOptions, 'workflowId'> {
  const at = Date.now();
  const first = transition(newInstance(id, prepared, at), { type: 'instance_started', at });
  return {
    taskQueue: TASK_QUEUE,
    workflowTaskTimeout: '5s',
    typedSearchAttributes: searchAttributesOf(first.state),
    args: [{ feature_id: 'bench', prepared } satisfies StartInput],
  };
}

function phaseIn(answer: TriggerResult | WorkflowStatusInfo): string | null {
  return answer.status === 'completed' ? null : answer.current_phase;
}
