/** Reading a zod schema: what stands at a path, which keys an object takes, which branch of a union is meant. */
import type { z } from 'zod';
import type { Path } from './finding.js';
import { numberTemplate } from './schema/values.js';

type Schema = z.core.$ZodType;

/** The schema behind `optional` and `lazy`. */
export function unwrap(schema: Schema): z.core.$ZodTypes {
  const known = schema as z.core.$ZodTypes;
  const { def } = known._zod;
  if (def.type === 'optional') return unwrap(def.innerType);
  return def.type === 'lazy' ? unwrap(def.getter()) : known;
}

/** The schemas that may stand at a path: more than one behind a union. */
export function schemasAt(schema: Schema, path: Path): readonly z.core.$ZodTypes[] {
  const known = unwrap(schema);
  const { def } = known._zod;
  if (def.type === 'union') return def.options.flatMap((option) => schemasAt(option, path));
  const [segment, ...rest] = path;
  if (segment === undefined) return [known];
  if (def.type === 'array') return schemasAt(def.element, rest);
  if (def.type === 'record') return schemasAt(def.valueType, rest);
  const child = def.type === 'object' && Object.hasOwn(def.shape, segment) ? def.shape[segment] : undefined;
  return child === undefined ? [] : schemasAt(child, rest);
}

/** The keys that an object schema takes; none for another one. */
export function keysOf(schema: Schema): readonly string[] {
  const { def } = unwrap(schema)._zod;
  return def.type === 'object' ? Object.keys(def.shape) : [];
}

/** The keys that an object schema requires: they tell the branches of a union apart. */
export function requiredKeysOf(schema: Schema): readonly string[] {
  const { def } = unwrap(schema)._zod;
  if (def.type !== 'object') return [];
  return Object.entries(def.shape)
    .filter(([, value]) => value._zod.def.type !== 'optional')
    .map(([key]) => key);
}

/** The words of which a text is one; none where it may be any. */
export function wordsOf(schema: Schema): readonly string[] {
  const { def } = unwrap(schema)._zod;
  return def.type === 'enum' ? Object.values(def.entries).map(String) : [];
}

/** Whether a value is of the type that a schema is about, whatever else is wrong with it. */
export function fitsType(schema: Schema, value: unknown): boolean {
  const { def } = unwrap(schema)._zod;
  if (isTemplate(schema)) return typeof value === 'string' && value.includes('${');
  switch (def.type) {
    case 'string':
    case 'enum':
      return typeof value === 'string';
    case 'number':
    case 'boolean':
      return typeof value === def.type;
    case 'array':
      return Array.isArray(value);
    case 'object':
    case 'record':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'union':
      return def.options.some((option) => fitsType(option, value));
    default:
      return false;
  }
}

/** The type that a schema asks for, in words. */
export function describeType(schema: Schema): string {
  const { def } = unwrap(schema)._zod;
  if (isTemplate(schema)) return 'one `${…}`';
  switch (def.type) {
    case 'enum':
      return Object.values(def.entries)
        .map((value) => JSON.stringify(value))
        .join(' or ');
    case 'union':
      return def.options.map(describeType).join(' or ');
    case 'number':
      return describeExpected('format' in def ? 'int' : 'number');
    default:
      return describeExpected(def.type);
  }
}

/** One `${…}` where a number is due: no other text is meant there. */
function isTemplate(schema: Schema): boolean {
  return unwrap(schema) === (numberTemplate as Schema);
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** A type of zod's, in words. */
export function describeExpected(expected: string): string {
  return EXPECTED[expected] ?? `a value of type ${expected}`;
}
