/** What a start would do, without doing it: the same `transition`, and what the definition says of the rest. */
import type { Definition, PhaseDefinition, ResourceQuota, TaskDefinition } from '../definition/definition.js';
import type { JsonObject } from '../json/json.js';
import { createInstance } from './create-instance.js';
import type { StartPlan, WaitingFor } from './shapes.js';
import type { InstanceState } from './state.js';
import { waitingForOf } from './summary.js';
import { TASK_KINDS } from './task-kinds/index.js';
import { transition } from './transition.js';

/** What a plan is made from: a start's effective settings. */
export interface PlanFacts {
  readonly context: JsonObject;
  readonly automation_level: number;
  readonly max_recursion_depth: number;
  readonly resource_quota: ResourceQuota;
}

/** The phases in the document's order, what is known to run or to be skipped, and who would be waited for. */
export function planStart(definition: Definition, facts: PlanFacts): StartPlan {
  const created = createInstance({
    instance_id: 'wfi_dry_run',
    tenant_id: 'default',
    feature_id: 'dry_run',
    definition,
    definition_digest: '',
    at: 0,
    ...facts,
  });
  const { state } = transition(created, { type: 'instance_started', at: 0 });
  return {
    phases: definition.phases.map((phase) => ({
      name: phase.name,
      will: forecast(state, phase),
      tasks: phase.tasks.map((task) => ({
        name: task.name,
        kind: task.kind,
        waiting_for: waitsFor(task, facts.automation_level),
      })),
    })),
    automation_level: facts.automation_level,
    max_recursion_depth: facts.max_recursion_depth,
    resource_quota: facts.resource_quota,
    waiting_for: waitingForOf(state),
  };
}

/** A phase that was reached is known; of a later one only that nothing stands in its way. */
function forecast(state: InstanceState, phase: PhaseDefinition): StartPlan['phases'][number]['will'] {
  const reached = state.phases[phase.name];
  if (reached) return reached.status === 'skipped' ? 'skip' : 'run';
  return phase.condition === undefined && state.definition.finally !== phase.name ? 'run' : 'unknown';
}

function waitsFor(task: TaskDefinition, level: number): WaitingFor {
  const needsSomeone = task.kind === 'executor' && level < task.automation;
  return needsSomeone ? 'approval' : TASK_KINDS[task.kind].waits;
}
