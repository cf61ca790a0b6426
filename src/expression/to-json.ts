/**
 * The way out of an expression: ints become numbers, made maps plain objects, moments and spans of time strings as in
 * CEL's own mapping to JSON. Whatever JSON could not carry, or a value too large to keep, is a failure.
 *
 * What came from the scope is handed on as it is, and priced by its size alone: the price must not depend on whether
 * that size was remembered, or a replay would differ from the first run.
 */
import { isForbiddenKey } from '../json/forbidden-key.js';
import { MAX_JSON_DEPTH } from '../json/check-json.js';
import type { Json, JsonObject } from '../json/json.js';
import { jsonDepth } from '../json/json-depth.js';
import { jsonSize, jsonStringSize } from '../json/json-size.js';
import { toText } from './conversions.js';
import type { ExpressionBudget } from './expression-budget.js';
import { ExpressionFailure } from './expression-failure.js';
import { COST, MAX_VALUE_BYTES } from './limits.js';
import { Duration, Fault, MadeList, nameKind, Optional, Timestamp, TypeName } from './value.js';
import type { MapKey, Value } from './value.js';

/** @throws ExpressionFailure for a fault, for what is not JSON, and beyond 256 kB or 64 levels. */
export function toJson(value: Value, budget: ExpressionBudget): Json {
  return convert(value, 0, { budget, bytes: 0 });
}

/** One conversion under way. */
interface Meter {
  readonly budget: ExpressionBudget;
  bytes: number;
}

function convert(value: Value, depth: number, meter: Meter): Json {
  switch (typeof value) {
    case 'string':
      return count(value, jsonStringSize(value), meter);
    case 'boolean':
      return count(value, 5, meter);
    case 'number':
      return count(toJsonNumber(value), String(value).length, meter);
    case 'bigint':
      return count(toSafeNumber(value), String(value).length, meter);
    case 'object':
      return value === null ? count(value, 4, meter) : convertObject(value, depth, meter);
    default:
      throw new ExpressionFailure(`${nameKind(value)} is not JSON`);
  }
}

function convertObject(value: Value & object, depth: number, meter: Meter): Json {
  if (value instanceof Fault) throw new ExpressionFailure(value.reason);
  if (value instanceof MadeList) return convertList(value.elements, depth + 1, meter);
  if (value instanceof Map) return convertMap(value as ReadonlyMap<MapKey, Value>, depth + 1, meter);
  if (value instanceof Optional) return convertOptional(value, depth, meter);
  if (value instanceof Timestamp || value instanceof Duration) {
    return convert(toText(value, meter.budget), depth, meter);
  }
  if (value instanceof TypeName) return convert(value.name, depth, meter);
  // What no expression made is the scope's JSON.
  const json = value as Json;
  checkDepth(depth + jsonDepth(json));
  return count(json, jsonSize(json), meter);
}

function convertList(list: readonly Value[], depth: number, meter: Meter): Json {
  checkDepth(depth);
  meter.budget.spend(COST.container);
  count(null, 2 + list.length, meter);
  const items: Json[] = [];
  for (const item of list) items.push(convert(item, depth, meter));
  return items;
}

function convertMap(map: ReadonlyMap<MapKey, Value>, depth: number, meter: Meter): JsonObject {
  checkDepth(depth);
  meter.budget.spend(COST.container + map.size * COST.entry);
  count(null, 2, meter);
  const object: Record<string, Json> = {};
  for (const [mapKey, value] of map) {
    const key = String(mapKey);
    if (isForbiddenKey(key)) throw new ExpressionFailure(`The key ${key} is not allowed`);
    if (Object.hasOwn(object, key)) throw new ExpressionFailure(`The key ${key} stands twice in a map`);
    count(null, jsonStringSize(key) + 2, meter);
    object[key] = convert(value, depth, meter);
  }
  return object;
}

function convertOptional(optional: Optional, depth: number, meter: Meter): Json {
  if (optional.value !== undefined) return convert(optional.value, depth, meter);
  throw new ExpressionFailure('The optional has no value; end with .orValue(default)');
}

function toJsonNumber(value: number): number {
  if (!Number.isFinite(value)) throw new ExpressionFailure(`${value} is not JSON`);
  // JSON text has no -0 that survives; a replay would read 0.
  return value === 0 ? 0 : value;
}

function toSafeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new ExpressionFailure(
    `The int ${value} is beyond 2^53 and would lose digits; convert with string(…)`,
  );
}

function checkDepth(depth: number): void {
  if (depth > MAX_JSON_DEPTH) {
    throw new ExpressionFailure(`The value is nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
}

/** Adds to the size of the value, and to the cost of making it. */
function count<T>(value: T, bytes: number, meter: Meter): T {
  meter.budget.spendChars(bytes);
  meter.bytes += bytes;
  if (meter.bytes > MAX_VALUE_BYTES) {
    throw new ExpressionFailure(`The value exceeds the limit of ${MAX_VALUE_BYTES} bytes`);
  }
  return value;
}
