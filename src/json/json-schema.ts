/**
 * JSON Schema, for `input` and `expects`: draft 2020-12 with a closed list of keywords. An evaluator of our own, since
 * the ones there are cannot be bounded from outside (docs/adr/0002).
 */
import { Evaluation, ValidationLimit } from './evaluate-json-schema.js';
import type { Misfit } from './evaluate-json-schema.js';
import { formatPlace } from './json-place.js';
import type { Json, JsonObject } from './json.js';
import { PatternProblem } from './parse-pattern.js';

export { checkSchema } from './check-json-schema.js';
export type { SchemaProblem } from './check-json-schema.js';
export { VALIDATION_LIMITS } from './evaluate-json-schema.js';

/** A part of a value that does not fit. */
export interface ValueProblem {
  /** `items[2].name`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/**
 * What of a value does not fit a schema: at most 20 problems, none for a value that fits. A value that would take too
 * long to check has one problem that says so. Pure and without a clock: the same in every replay. Expects a schema
 * that `checkSchema` has passed; never throws even on others.
 */
export function validateJson(schema: JsonObject, value: Json): readonly ValueProblem[] {
  const problems: Misfit[] = [];
  try {
    new Evaluation(schema).check(schema, value, undefined, problems);
  } catch (error) {
    if (error instanceof ValidationLimit) return [{ path: '', message: error.message }];
    if (error instanceof PatternProblem)
      return [{ path: '', message: `cannot be checked: ${error.message}` }];
    throw error;
  }
  return problems.map(({ at, message }) => ({ path: formatPlace(at), message }));
}
