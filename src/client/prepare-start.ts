import { createDefinitionFolders } from '../artifacts/index.js';
import { ENGINE_VERSION } from '../core/limits.js';
import { createDefinitionRegistry } from '../definition/definition-registry.js';
import type { DefinitionRegistry } from '../definition/definition-registry.js';
import { prepareStart as prepareDefinition } from '../definition/prepare-definition.js';
import type { JsonObject } from '../json/json.js';
import type { PreparedDefinition } from '../workflows/messages.js';
import type { ClientContext } from './client-context.js';
import { refuseDisabledFeatures } from './refuse-disabled-features.js';
import type { StartRequest } from './requests.js';

/** What a definition given as text is called where no file is named. */
const NAMELESS = '<definition>';

/**
 * Resolves, checks and normalises what a start names, as the worker would, and pins what the configuration decides.
 *
 * @throws SchemaValidationError with every problem in `details.problems`; SchemaNotFoundError; InvalidInputError;
 *   FeatureDisabledError
 */
export async function prepareStart(
  { config }: ClientContext,
  request: StartRequest,
): Promise<PreparedDefinition> {
  const { max_recursion_depth, default_automation_level, default_resource_quota } = config;
  const [input, registry] = toInput(config.definitions, request);
  const { definition, digest, context } = await prepareDefinition(input, registry);
  refuseDisabledFeatures(definition, config.features);
  const settings = {
    engine_version: ENGINE_VERSION,
    max_recursion_depth,
    default_automation_level,
    default_resource_quota,
  };
  return { definition, digest, context, settings };
}

/** A text is a registry of its own, with one definition in it: diagnostics then show its lines. */
function toInput(
  folders: readonly string[],
  { schema, schema_file, schema_id, initial_context }: StartRequest,
): readonly [JsonObject, DefinitionRegistry] {
  const given = initial_context === undefined ? {} : { initial_context };
  if (typeof schema === 'string') {
    const file = schema_file ?? NAMELESS;
    return [{ ...given, schema_id: file }, textRegistry(schema, file)];
  }
  const registry = createDefinitionRegistry(createDefinitionFolders(folders));
  if (schema !== undefined) return [{ ...given, schema }, registry];
  return [{ ...given, ...(schema_id !== undefined && { schema_id }) }, registry];
}

function textRegistry(text: string, file: string): DefinitionRegistry {
  return {
    find: () => Promise.resolve({ name: file, version: null, text, file }),
    names: () => Promise.resolve([file]),
  };
}
