import { createDefinitionFolders } from '../artifacts/index.js';
import { ENGINE_VERSION } from '../core/limits.js';
import { createDefinitionRegistry } from '../definition/definition-registry.js';
import type { Definition } from '../definition/definition.js';
import type { DefinitionRegistry } from '../definition/definition-registry.js';
import { textRegistry } from '../definition/text-registry.js';
import { prepareStart as prepareDefinition, resolveDefinition } from '../definition/prepare-definition.js';
import { ChatFlowError } from '../core/errors.js';
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import type { PreparedDefinition } from '../workflows/messages.js';
import type { ClientContext } from './client-context.js';
import { refuseDisabledFeatures } from './refuse-disabled-features.js';
import type { StartRequest } from './requests.js';

/** How the message about a context begins. */
const CONTEXT = 'The initial context';

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
  const { definition, digest, context } = await prepareDefinition(input, registry).catch((error: unknown) => {
    throw namePlace(error, request, config.definitions);
  });
  refuseDisabledFeatures(definition, config.features);
  const settings = {
    engine_version: ENGINE_VERSION,
    max_recursion_depth,
    default_automation_level,
    default_resource_quota,
  };
  return { definition, digest, context, settings };
}

/**
 * The definition that a request names or holds, whatever its input is to be.
 *
 * @throws as `prepareStart`
 */
export async function findDefinition(
  { config }: ClientContext,
  request: Pick<StartRequest, 'schema' | 'schema_id'>,
): Promise<Definition> {
  const [input, registry] = toInput(config.definitions, request);
  const { definition } = await resolveDefinition(input, registry).catch((error: unknown) => {
    throw namePlace(error, request, config.definitions);
  });
  refuseDisabledFeatures(definition, config.features);
  return definition;
}

/** Adds what only the caller's side knows: the folders that were looked in, and the file whose input does not fit. */
function namePlace(
  error: unknown,
  request: Pick<StartRequest, 'schema_id' | 'schema_file'>,
  folders: readonly string[],
): unknown {
  if (!(error instanceof ChatFlowError)) return error;
  if (error.type === 'SchemaNotFoundError') {
    const message = `${error.message} in ${folders.join(', ')}`;
    return new ChatFlowError(error.type, message, { ...error.details, folders }, { cause: error });
  }
  const named = request.schema_file ?? request.schema_id;
  return error.type === 'SchemaValidationError' && named !== undefined ? nameContext(error, named) : error;
}

/** Problems of a context stand in no file, so they have none: they are shown with the definition's. */
function nameContext(error: ChatFlowError, named: string): ChatFlowError {
  const { problems } = error.details;
  const isOfContext = error.message.startsWith(CONTEXT) && Array.isArray(problems);
  if (!isOfContext) return error;
  const placed = (problems as readonly Json[]).map((problem) =>
    isJsonObject(problem) ? { ...problem, file: named } : problem,
  );
  // Its places are all the first: no line of the file is to blame.
  const words = error.message.slice(CONTEXT.length).replace(/(: |; )1:1 /g, '$1');
  const message = `${CONTEXT} for ${named}${words}`;
  return new ChatFlowError(error.type, message, { ...error.details, problems: placed }, { cause: error });
}

/** A text is looked up in itself. */
function toInput(
  folders: readonly string[],
  { schema, schema_file, schema_id, initial_context }: Omit<StartRequest, 'feature_id'>,
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
