import { createInstance } from '../core/create-instance.js';
import type { PlanFacts } from '../core/plan.js';
import type { InstanceState } from '../core/state.js';
import type { PreparedDefinition, StartInput } from '../workflows/messages.js';
import { DEFAULT_TENANT } from './default-tenant.js';

export interface Beginning {
  readonly input: StartInput;
  readonly prepared: PreparedDefinition;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An instance before its first event, as the workflow makes it of the same input. */
export function initialState(instanceId: string, { input, prepared, at }: Beginning): InstanceState {
  return createInstance({
    instance_id: instanceId,
    tenant_id: input.tenant_id ?? DEFAULT_TENANT,
    feature_id: input.feature_id,
    definition: prepared.definition,
    definition_digest: prepared.digest,
    ...(input.meta !== undefined && { meta: input.meta }),
    ...effectiveFacts(input, prepared),
    at,
  });
}

/** What holds of request, definition and configuration: the workflow decides alike. */
export function effectiveFacts(
  input: StartInput,
  { definition, context, settings }: PreparedDefinition,
): PlanFacts {
  return {
    context,
    automation_level:
      input.automation_level ?? definition.automation_level ?? settings.default_automation_level,
    max_recursion_depth: Math.min(definition.max_recursion_depth, settings.max_recursion_depth),
    resource_quota: {
      ...settings.default_resource_quota,
      ...definition.default_resource_quota,
      ...input.resource_quota,
    },
  };
}
