/**
 * One text for one value, whatever the order of its keys (RFC 8785), and its digest. Written here, not taken from
 * `canonicalize`: that throws on half a surrogate pair, which JSON may carry, and a throw would wedge a workflow.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json, JsonObject } from './json.js';

/** JSON text with keys in the order of their UTF-16 units and no white space; undefined properties are left out. */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const map = value as JsonObject;
  const parts: string[] = [];
  for (const key of Object.keys(map).sort()) {
    const item = map[key];
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(item)}`);
  }
  return `{${parts.join(',')}}`;
}

/** SHA-256 over the canonical JSON of a value: 64 hexadecimal digits. Works in the workflow sandbox. */
export function digest(value: Json): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
