import { isForbiddenKey } from '../json/forbidden-key.js';
import type { Json, JsonObject } from '../json/json.js';
import { ExpressionFailure } from './expression-failure.js';

/** A value with each of its strings, at any depth, replaced; its keys and everything else stay. */
export function mapStrings(value: Json, replace: (text: string) => Json): Json {
  if (typeof value === 'string') return replace(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, replace));
  const result: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value as JsonObject)) {
    if (isForbiddenKey(key)) throw new ExpressionFailure(`The key ${key} is not allowed`);
    if (item !== undefined) result[key] = mapStrings(item, replace);
  }
  return result;
}
