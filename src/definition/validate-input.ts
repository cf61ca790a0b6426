import { checkJson } from '../json/check-json.js';
import { validateJson } from '../json/json-schema.js';
import type { ValueProblem } from '../json/json-schema.js';
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import type { Definition } from './definition.js';
import type { Diagnostic } from './diagnostic.js';

export interface ValidatedInput {
  /** The context with the top-level defaults of `input` filled in; empty where it is no JSON object. */
  readonly context: JsonObject;
  readonly problems: readonly Diagnostic[];
}

const ROOT = 'initial_context';

/** Fills in the defaults of `input`, then holds the initial context of an instance against it. */
export function validateInput(definition: Definition, context: unknown): ValidatedInput {
  const reason = checkJson(context);
  if (reason !== null)
    return { context: {}, problems: [toDiagnostic({ path: '', message: `is no JSON: ${reason}` })] };
  if (!isJsonObject(context))
    return { context: {}, problems: [toDiagnostic({ path: '', message: 'must be a map' })] };
  if (!definition.input) return { context, problems: [] };
  const filled = fillDefaults(definition.input, context);
  return { context: filled, problems: validateJson(definition.input, filled).map(toDiagnostic) };
}

function fillDefaults(schema: JsonObject, context: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isJsonObject(properties)) return context;
  const missing = Object.entries(properties).flatMap(([key, property]): [string, Json][] => {
    const value = isJsonObject(property) ? property['default'] : undefined;
    const isGiven = Object.hasOwn(context, key) && context[key] !== undefined;
    return value === undefined || isGiven ? [] : [[key, value]];
  });
  return missing.length === 0 ? context : { ...context, ...Object.fromEntries(missing) };
}

function toDiagnostic({ path, message }: ValueProblem): Diagnostic {
  const whole = path === '' ? ROOT : path.startsWith('[') ? `${ROOT}${path}` : `${ROOT}.${path}`;
  return {
    code: 'invalid-input',
    severity: 'error',
    message: `${whole} ${message}`,
    path: whole,
    line: 1,
    column: 1,
    frame: '',
  };
}
