/** The activity `chatflow.prepare`: for starts that no TypeScript client has checked. */
import { ENGINE_VERSION } from '../core/limits.js';
import { prepareStart } from '../definition/prepare-definition.js';
import type { EngineSettings } from '../workflows/messages.js';
import type { ActivityConfig, ActivityDependencies } from './activity-dependencies.js';
import type { PreparedDefinition, StartInput } from './activity-types.js';

/** Makes the activity. What the configuration decides is fixed when the worker starts. */
export function createPrepareActivity(
  deps: ActivityDependencies,
): (input: StartInput) => Promise<PreparedDefinition> {
  const settings = engineSettings(deps.config);
  return async (input) => {
    const { definition, digest, context } = await prepareStart(input, deps.definitions);
    return { definition, digest, context, settings };
  };
}

/** What the configuration decides of an instance. */
export function engineSettings({
  max_recursion_depth,
  default_automation_level,
  default_resource_quota,
}: ActivityConfig): Required<EngineSettings> {
  return {
    engine_version: ENGINE_VERSION,
    max_recursion_depth,
    default_automation_level,
    default_resource_quota,
  };
}
