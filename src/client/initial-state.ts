import { createInstance } from '../core/create-instance.js';
import { startFacts } from '../core/start-facts.js';
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
    ...(input.meta !== undefined && { meta: input.meta }),
    ...startFacts(input, prepared),
    at,
  });
}
