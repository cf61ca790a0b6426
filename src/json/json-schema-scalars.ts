/** What JSON Schema says of types and numbers, and how a message names them. */
import { isJsonObject } from './json.js';
import type { Json, JsonObject } from './json.js';

/** Whether a value is of a type of JSON Schema. */
export function isOfType(type: string, value: Json): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** The type of a value. */
export function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

/** A type in a message. */
export function nameType(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

/** A value of the schema in a message; data is never shown. */
export function describe(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (isJsonObject(value)) return 'a map';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Why a number does not fit its bounds; undefined where it does. */
export function describeNumberProblem(schema: JsonObject, value: number): string | undefined {
  const bound = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined);
  const [low, high] = [bound('minimum'), bound('maximum')];
  const [above, below, step] = [bound('exclusiveMinimum'), bound('exclusiveMaximum'), bound('multipleOf')];
  if (low !== undefined && value < low) return `must be at least ${low}`;
  if (high !== undefined && value > high) return `must be at most ${high}`;
  if (above !== undefined && value <= above) return `must be more than ${above}`;
  if (below !== undefined && value >= below) return `must be less than ${below}`;
  return step === undefined || isMultiple(value, step) ? undefined : `must be a multiple of ${step}`;
}

/** Whether a number is a multiple of another, as far as doubles can tell: 0.3 is one of 0.1. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient)) * 4;
}
