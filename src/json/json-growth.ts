/** How much a JSON value has grown: an upper bound that walks only what is new, for states of which an event changes little. */
import { jsonEntrySize, jsonSize } from './json-size.js';
import type { Json, JsonObject } from './json.js';

/**
 * Levels of lists and maps that are compared entry by entry. Below, a value that differs counts as new altogether: a
 * graph of shared values would else be walked once for each way that leads through it.
 */
const COMPARED_LEVELS = 4;

/**
 * At least as many bytes as `JSON.stringify(after)` has more than `JSON.stringify(before)`; never negative. What went
 * away is not made good for, so that only what is new must be measured.
 * @param except an entry of the map that does not count
 */
export function jsonGrowthBound(before: JsonObject, after: JsonObject, except?: string): number {
  return mapGrowth(before, after, COMPARED_LEVELS, except);
}

function growth(before: Json | undefined, after: Json, levels: number): number {
  if (before === after) return 0;
  if (levels === 0 || typeof before !== 'object' || typeof after !== 'object') return jsonSize(after);
  if (before === null || after === null) return jsonSize(after);
  if (Array.isArray(before)) {
    return Array.isArray(after) ? listGrowth(before, after, levels) : jsonSize(after);
  }
  return Array.isArray(after)
    ? jsonSize(after)
    : mapGrowth(before as JsonObject, after as JsonObject, levels);
}

function mapGrowth(before: JsonObject, after: JsonObject, levels: number, except?: string): number {
  let bytes = 0;
  for (const key of Object.keys(after)) {
    const item = after[key];
    if (item === undefined || key === except) continue;
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (old === item) continue;
    bytes += old === undefined ? jsonEntrySize(key, item) : growth(old, item, levels - 1);
  }
  return bytes;
}

/** Lists gain at their end, and lose at their beginning: what stays is looked for from there. */
function listGrowth(before: readonly Json[], after: readonly Json[], levels: number): number {
  const [first] = after;
  if (first === undefined) return 0;
  const lost = Math.max(0, before.indexOf(first));
  let bytes = 0;
  for (let index = 0; index < after.length; index += 1) {
    const item = after[index] as Json;
    const old = before[index + lost];
    if (old === item) continue;
    // One more for the comma.
    bytes += old === undefined ? jsonSize(item) + 1 : growth(old, item, levels - 1);
  }
  return bytes;
}
