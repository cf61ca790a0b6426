import type { Definition, ResourceQuota } from '../definition/definition.js';
import type { JsonObject } from '../json/json.js';
import type { InstanceFacts } from './create-instance.js';

/** A definition that was checked, with what the engine's configuration adds to it. */
interface Prepared {
  readonly definition: Definition;
  readonly digest: string;
  readonly context: JsonObject;
  readonly settings: {
    readonly engine_version?: number;
    readonly max_recursion_depth: number;
    readonly default_automation_level: number;
    readonly default_resource_quota: ResourceQuota;
  };
}

interface Request {
  readonly automation_level?: number;
  readonly resource_quota?: ResourceQuota;
}

/** What holds of a start's request, its definition and the configuration: the nearest to the start wins. */
export function startFacts(
  request: Request,
  { definition, digest, context, settings }: Prepared,
): Omit<InstanceFacts, 'instance_id' | 'tenant_id' | 'feature_id' | 'at'> {
  return {
    // Absent where an engine of before versions has prepared it.
    engine_version: settings.engine_version ?? 1,
    definition,
    definition_digest: digest,
    context,
    automation_level:
      request.automation_level ?? definition.automation_level ?? settings.default_automation_level,
    max_recursion_depth: Math.min(definition.max_recursion_depth, settings.max_recursion_depth),
    resource_quota: {
      ...settings.default_resource_quota,
      ...definition.default_resource_quota,
      ...request.resource_quota,
    },
  };
}
