import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, it } from 'vitest';
import { definitionJsonSchema, parseDefinition } from '../../src/definition/index.js';
import { isJsonObject } from '../../src/json/json.js';
import type { Json, JsonObject } from '../../src/json/json.js';
import { BAD_DOCUMENTS } from './bad-documents.js';
import { GOOD_DOCUMENTS } from './good-documents.js';

const COMMITTED = new URL('../../schema/chatflow.schema.json', import.meta.url);

describe("the editors' JSON Schema", () => {
  it('is the one that the code gives (else run: npm run schema)', () => {
    expect(JSON.parse(readFileSync(COMMITTED, 'utf8'))).toEqual(definitionJsonSchema());
  });

  it('is draft-7, and closed', () => {
    const schema = definitionJsonSchema();
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema['$ref']).toBe('#/definitions/definition');
  });

  it('describes every key of every map', () => {
    expect(undescribed(definitionJsonSchema(), definitionJsonSchema(), '')).toEqual([]);
  });

  it('accepts what the parser accepts', () => {
    const validator = new Validator(definitionJsonSchema(), '7', false);
    for (const { text, name } of GOOD_DOCUMENTS) {
      const { errors } = validator.validate(parseDefinition(text).document);
      expect({ name, errors }).toEqual({ name, errors: [] });
    }
  });

  it('refuses what is wrong by its shape', () => {
    const validator = new Validator(definitionJsonSchema(), '7', false);
    const codes = new Set([
      'unknown-key',
      'missing-key',
      'wrong-type',
      'version-not-string',
      'bad-name',
      'out-of-range',
    ]);
    for (const { text, name, expected } of BAD_DOCUMENTS) {
      const { document } = parseDefinition(text);
      const isOfShape = expected.some((line) => codes.has(line.split(' ')[1] ?? ''));
      // A template that must be alone, a place of a name in a map: beyond what JSON Schema says.
      const isBeyond = /templates where a number is due|shell|foreach read|schemas|cuts/.test(name);
      if (document === null || !isOfShape || isBeyond) continue;
      expect({ name, valid: validator.validate(document).valid }).toEqual({ name, valid: false });
    }
  });
});

/** Keys of `properties` that say nothing of themselves, neither in place nor where they refer to. */
function undescribed(node: Json | undefined, root: JsonObject, path: string): readonly string[] {
  if (Array.isArray(node))
    return node.flatMap((item: Json, index) => undescribed(item, root, `${path}/${index}`));
  if (!isJsonObject(node)) return [];
  const { properties } = node;
  const own = isJsonObject(properties)
    ? Object.entries(properties).filter(([, schema]) => !isDescribed(schema, root))
    : [];
  const inner = Object.entries(node).flatMap(([key, value]) => undescribed(value, root, `${path}/${key}`));
  return [...own.map(([key]) => `${path}/${key}`), ...inner];
}

function isDescribed(schema: Json | undefined, root: JsonObject): boolean {
  if (!isJsonObject(schema)) return false;
  if (typeof schema['description'] === 'string') return true;
  const [part] = Array.isArray(schema['allOf']) ? (schema['allOf'] as readonly Json[]) : [schema];
  const reference = isJsonObject(part) ? part['$ref'] : undefined;
  if (typeof reference !== 'string') return false;
  const { definitions } = root;
  return isDescribed(
    isJsonObject(definitions) ? definitions[reference.split('/').at(-1) ?? ''] : undefined,
    root,
  );
}
