/** How much a JSON value has grown, for states of which an event changes little: a bound, and to the byte. */
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

/**
 * How many bytes `JSON.stringify(after)` has more than `JSON.stringify(before)`, to the byte; negative where it has
 * fewer. Walks what is new and what went away: twice as dear as the bound, and far cheaper than to measure it all.
 * @param except an entry of the map that does not count
 */
export function jsonSizeDelta(before: JsonObject, after: JsonObject, except?: string): number {
  return mapDelta(before, after, COMPARED_LEVELS, except);
}

function delta(before: Json, after: Json, levels: number): number {
  if (before === after) return 0;
  if (
    levels > 0 &&
    typeof before === 'object' &&
    typeof after === 'object' &&
    before !== null &&
    after !== null
  ) {
    if (Array.isArray(before) && Array.isArray(after)) return listDelta(before, after, levels);
    if (!Array.isArray(before) && !Array.isArray(after))
      return mapDelta(before as JsonObject, after as JsonObject, levels);
  }
  return jsonSize(after) - jsonSize(before);
}

function mapDelta(before: JsonObject, after: JsonObject, levels: number, except?: string): number {
  let bytes = 0;
  let left = 0;
  let came = 0;
  for (const key of Object.keys(after)) {
    const item = after[key];
    if (item === undefined) continue;
    came += 1;
    if (key === except) continue;
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (old !== item) bytes += old === undefined ? jsonEntrySize(key, item) : delta(old, item, levels - 1);
  }
  for (const key of Object.keys(before)) {
    const item = before[key];
    if (item === undefined) continue;
    left += 1;
    if (key === except) continue;
    if (!Object.hasOwn(after, key) || after[key] === undefined) bytes -= jsonEntrySize(key, item);
  }
  // `{}` has two bytes, and each map of entries one more than they have.
  return bytes + (came === 0 ? 1 : 0) - (left === 0 ? 1 : 0);
}

function listDelta(before: readonly Json[], after: readonly Json[], levels: number): number {
  const [first] = after;
  const lost = first === undefined ? before.length : Math.max(0, before.indexOf(first));
  let bytes = Math.max(0, after.length - 1) - Math.max(0, before.length - 1);
  for (let index = 0; index < after.length; index += 1) {
    const item = after[index] as Json;
    const old = before[index + lost];
    if (old !== item) bytes += old === undefined ? jsonSize(item) : delta(old, item, levels - 1);
  }
  for (let index = 0; index < before.length; index += 1) {
    if (index < lost || index >= after.length + lost) bytes -= jsonSize(before[index]);
  }
  return bytes;
}
