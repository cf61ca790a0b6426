/**
 * How large a JSON value is, without writing it. A value is immutable, so what was measured once is remembered for
 * as long as the value lives.
 *
 * Only values of at least `REMEMBERED_BYTES` are remembered: a smaller one is walked again faster than its entry
 * would pay for itself in memory, and a graph of shared small values stays cheap all the same.
 */
import type { Json, JsonObject } from './json.js';

const REMEMBERED_BYTES = 1024;
const sizes = new WeakMap<object, number>();

/** UTF-8 bytes of `JSON.stringify(value)`, exact. A property that is undefined counts nothing, as it is not written. */
export function jsonSize(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return scalarSize(value);
  const known = sizes.get(value);
  if (known !== undefined) return known;
  const bytes = Array.isArray(value) ? listSize(value) : mapSize(value as JsonObject);
  if (bytes >= REMEMBERED_BYTES) sizes.set(value, bytes);
  return bytes;
}

/**
 * Says that `after` is `before` with one item more (they may be one list), so that a long list is not walked again
 * for each item that it gains. Where `before` was never measured, nothing is remembered.
 */
export function rememberAppended(before: readonly Json[], after: readonly Json[], item: Json): void {
  const known = sizes.get(before);
  if (known !== undefined) sizes.set(after, known + jsonSize(item) + (after.length > 1 ? 1 : 0));
}

/** Bytes of an entry of a map: the key, the colon, the value, and the comma or the closing brace. */
export function jsonEntrySize(key: string, item: Json): number {
  return jsonStringSize(key) + jsonSize(item) + 2;
}

/** UTF-8 bytes of a string as JSON text, quotes and escapes included. */
export function jsonStringSize(text: string): number {
  let bytes = text.length + 2;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x20 && code < 0x80 && code !== 0x22 && code !== 0x5c) continue;
    if (isPair(text, index, code)) {
      // Two UTF-16 units are four bytes of UTF-8.
      bytes += 2;
      index += 1;
    } else {
      bytes += extraBytes(code);
    }
  }
  return bytes;
}

/** What a UTF-16 unit takes in JSON text beyond one byte. */
function extraBytes(code: number): number {
  if (code === 0x22 || code === 0x5c) return 1;
  if (code < 0x20) return isShortEscape(code) ? 1 : 5;
  if (code < 0x800) return 1;
  // A surrogate without its other half is written as \udXXX.
  return code >= 0xd800 && code <= 0xdfff ? 5 : 2;
}

function isShortEscape(code: number): boolean {
  return code === 8 || code === 9 || code === 10 || code === 12 || code === 13;
}

function isPair(text: string, index: number, code: number): boolean {
  if (code < 0xd800 || code > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

function scalarSize(value: null | boolean | number | string | undefined): number {
  if (typeof value === 'string') return jsonStringSize(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value).length : 4;
  if (value === undefined) return 0;
  return value === false ? 5 : 4;
}

function listSize(list: readonly Json[]): number {
  let bytes = 2 + Math.max(0, list.length - 1);
  for (const item of list) bytes += jsonSize(item);
  return bytes;
}

function mapSize(map: JsonObject): number {
  let bytes = 1;
  for (const key of Object.keys(map)) {
    const item = map[key];
    if (item !== undefined) bytes += jsonEntrySize(key, item);
  }
  return Math.max(bytes, 2);
}
