/** JSON Schemas in a definition: `input`, and `expects` of tasks. */
import { checkSchema, validateJson } from '../json/json-schema.js';
import type { SchemaProblem } from '../json/json-schema.js';
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import type { Path, Report } from './finding.js';
import { mapOf, type Outline } from './outline.js';

export function checkSchemas(outline: Outline, report: Report): void {
  const { input } = outline.raw;
  const path = [...outline.path, 'input'];
  if (isJsonObject(input) && checkOne(input, path, report)) {
    checkRoot(input, path, report);
    checkDefaults(input, path, report);
  }
  for (const { raw, path: base } of outline.phases.flatMap(({ tasks }) => tasks)) {
    const { expects } = raw;
    if (isJsonObject(expects)) checkOne(expects, [...base, 'expects'], report);
  }
}

function checkOne(schema: JsonObject, base: Path, report: Report): boolean {
  const problems = checkSchema(schema);
  for (const problem of problems) report(toFinding(problem, base));
  return problems.length === 0;
}

function toFinding({ path, message, hint, nearest }: SchemaProblem, base: Path): Parameters<Report>[0] {
  return {
    code: 'bad-json-schema',
    message,
    path: [...base, ...path],
    ...(hint === undefined ? {} : { hint }),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** The initial context is a map, so a schema of anything else could never be met. */
function checkRoot({ type }: JsonObject, path: Path, report: Report): void {
  const types = (Array.isArray(type) ? type : [type]) as readonly (Json | undefined)[];
  if (type === undefined || types.includes('object')) return;
  const message = 'The initial context is a map, which this type excludes';
  report({ code: 'bad-json-schema', message, path: [...path, 'type'], hint: 'write `type: object`' });
}

/** A default that does not fit would refuse every start that leaves it out. */
function checkDefaults(input: JsonObject, path: Path, report: Report): void {
  for (const [name, schema] of Object.entries(mapOf(input['properties']))) {
    if (!isJsonObject(schema) || schema['default'] === undefined) continue;
    const rooted = { ...schema, $defs: input['$defs'], definitions: input['definitions'] };
    const [problem] = schema['$ref'] === undefined ? validateJson(rooted, schema['default']) : [];
    if (!problem) continue;
    const at = [...path, 'properties', name, 'default'];
    report({ code: 'bad-json-schema', message: `The default ${problem.message}`, path: at });
  }
}
