/**
 * From what a start says to what an instance is made of: the definition resolved, checked and normalised, its context
 * validated. Used by the client before a start and by the activity `chatflow.prepare` for everybody else's starts, so
 * that both refuse alike.
 */
import { ChatFlowError } from '../core/errors.js';
import { isJsonObject, type JsonObject } from '../json/json.js';
import { checkDefinition } from './check-definition.js';
import { definitionDigest } from './definition-digest.js';
import type { Definition } from './definition.js';
import type { DefinitionRegistry } from './definition-registry.js';
import type { Diagnostic } from './diagnostic.js';
import { parseDefinition } from './parse-definition.js';
import { validateInput } from './validate-input.js';

/** What a start is made of. */
export interface PreparedStart {
  readonly definition: Definition;
  readonly digest: string;
  /** `initial_context` with the defaults of `input` filled in. */
  readonly context: JsonObject;
  /** Of the definition: none of them refuses it. */
  readonly warnings: readonly Diagnostic[];
}

interface Checked {
  readonly definition: Definition | null;
  readonly diagnostics: readonly Diagnostic[];
}

const SHOWN_PROBLEMS = 5;

function refuseInput(message: string, field: string): never {
  throw new ChatFlowError('InvalidInputError', message, { field });
}

function refuseProblems(what: string, problems: readonly Diagnostic[]): never {
  const shown = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ line, column, message }) => `${line}:${column} ${message}`);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : '';
  const message = `${what} has ${problems.length} problem(s): ${shown.join('; ')}${more}`;
  throw new ChatFlowError('SchemaValidationError', message, {
    problems: problems.map((problem) => ({ ...problem })),
  });
}

async function resolve(
  input: JsonObject,
  registry: DefinitionRegistry,
): Promise<Checked & { readonly what: string }> {
  const { schema, schema_id } = input;
  if (schema !== undefined && schema_id !== undefined)
    refuseInput('Either schema or schema_id, not both', 'schema');
  if (schema !== undefined) return { ...checkDefinition(schema), what: 'The definition' };
  if (typeof schema_id !== 'string')
    refuseInput('A start needs schema (a definition) or schema_id (its name)', 'schema_id');
  const { text, file } = await registry.find(schema_id);
  return { ...parseDefinition(text, { file }), what: `The definition ${schema_id}` };
}

function checkContext(definition: Definition, given: unknown): JsonObject {
  if (given !== undefined && !isJsonObject(given))
    refuseInput('initial_context must be a map', 'initial_context');
  const { context, problems } = validateInput(definition, given ?? {});
  if (problems.length > 0) refuseProblems('The initial context', problems);
  return context;
}

/**
 * Prepares a start. Only `schema`, `schema_id` and `initial_context` are looked at.
 * @throws ChatFlowError `SchemaValidationError` with all problems, of the definition or of the context against its
 * `input`; `SchemaNotFoundError`; `InvalidInputError` where the start has another shape
 */
export async function prepareStart(input: unknown, registry: DefinitionRegistry): Promise<PreparedStart> {
  if (!isJsonObject(input)) refuseInput('A start is one JSON object', 'input');
  const { definition, diagnostics, what } = await resolve(input, registry);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (definition === null || errors.length > 0) refuseProblems(what, errors);
  return {
    definition,
    digest: definitionDigest(definition),
    context: checkContext(definition, input['initial_context']),
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
  };
}
