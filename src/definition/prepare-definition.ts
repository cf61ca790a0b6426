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
import { isSameVersion, type DefinitionRegistry, type FoundDefinition } from './definition-registry.js';
import type { Diagnostic } from './diagnostic.js';
import { keepRecent } from './keep-recent.js';
import { parseDefinition } from './parse-definition.js';
import { validateInput } from './validate-input.js';

/** What a start is made of. */
export interface PreparedStart extends ResolvedDefinition {
  /** `initial_context` with the defaults of `input` filled in. */
  readonly context: JsonObject;
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

/** A definition that was found without an error. */
export interface ResolvedDefinition {
  readonly definition: Definition;
  readonly digest: string;
  /** Of the definition: none of them refuses it. */
  readonly warnings: readonly Diagnostic[];
}

/** What was resolved before, by the text of the definition: checking one takes milliseconds, a tree asks a thousand times. */
export type DefinitionCache = Map<string, ResolvedDefinition>;

const CACHED = 100;

/**
 * The definition that a start, or a request for a child, names or holds.
 * @throws ChatFlowError as `prepareStart`, but for the context
 */
export async function resolveDefinition(
  input: JsonObject,
  registry: DefinitionRegistry,
  cache?: DefinitionCache,
): Promise<ResolvedDefinition> {
  const { schema, schema_id } = input;
  if (schema !== undefined && schema_id !== undefined)
    refuseInput('Either schema or schema_id, not both', 'schema');
  if (schema !== undefined) {
    const check = (): Checked => checkDefinition(schema);
    return remember(cache, JSON.stringify(schema), () => acceptDefinition(check(), 'The definition'));
  }
  if (typeof schema_id !== 'string')
    refuseInput('A start needs schema (a definition) or schema_id (its name)', 'schema_id');
  const found = await registry.find(schema_id);
  const { text, file } = found;
  const resolved = remember(cache, text, () =>
    acceptDefinition(parseDefinition(text, { file }), `The definition ${schema_id}`),
  );
  refuseMisnamed(found, resolved.definition);
  return resolved;
}

/** What a file is called and what its document says must be one: else a name runs what nobody asked for. */
function refuseMisnamed(found: FoundDefinition, { name, version }: Definition): void {
  if (found.name === null) return;
  if (found.name === name && (found.version === null || isSameVersion(version, found.version))) return;
  const wanted = [found.name, ...(found.version === null ? [] : [found.version])].join('@');
  refuseProblems(found.file, [
    {
      code: 'file-name',
      severity: 'error',
      message: `The file is named for ${wanted}, and its document is ${name}@${version}: rename one of them`,
      path: 'name',
      line: 1,
      column: 1,
      frame: '',
    },
  ]);
}

function remember(
  cache: DefinitionCache | undefined,
  text: string,
  make: () => ResolvedDefinition,
): ResolvedDefinition {
  const known = cache?.get(text) ?? make();
  if (cache === undefined) return known;
  return keepRecent(cache, text, known, CACHED);
}

function acceptDefinition({ definition, diagnostics }: Checked, what: string): ResolvedDefinition {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (definition === null || errors.length > 0) refuseProblems(what, errors);
  return {
    definition,
    digest: definitionDigest(definition),
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
  };
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
export async function prepareStart(
  input: unknown,
  registry: DefinitionRegistry,
  cache?: DefinitionCache,
): Promise<PreparedStart> {
  if (!isJsonObject(input)) refuseInput('A start is one JSON object', 'input');
  const { definition, digest, warnings } = await resolveDefinition(input, registry, cache);
  return { definition, digest, context: checkContext(definition, input['initial_context']), warnings };
}
