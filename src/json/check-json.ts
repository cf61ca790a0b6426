/** Whether a value from outside is JSON that can be kept for ever: written, read back and compared without a change. */
import { isForbiddenKey } from './forbidden-key.js';

/** Levels of lists and maps that a value may have. */
export const MAX_JSON_DEPTH = 64;
const SHOWN_PATH_CHARS = 300;

/**
 * Looks for the first thing in a value that is not safe JSON: undefined, functions, symbols, bigints, NaN and
 * infinities, whole numbers beyond 2^53 (they would change on the way), the keys `__proto__`, `constructor` and
 * `prototype`, objects that are not plain, and more than 64 levels.
 *
 * @returns the path and the reason, e.g. `a.b[3]: NaN is not JSON`; null for a good value. The path of the value
 * itself is `value`.
 */
export function checkJson(value: unknown): string | null {
  return check(value, '', 0, new Map());
}

/**
 * The deepest level at which a shared value was found good. A small graph of shared lists can stand for an endless
 * tree, so none is walked twice at one level.
 */
type CheckedAt = Map<object, number>;

function check(value: unknown, path: string, depth: number, checked: CheckedAt): string | null {
  if (typeof value !== 'object' || value === null) return describe(path, scalarReason(value));
  if (depth >= MAX_JSON_DEPTH) return describe(path, `nested deeper than ${MAX_JSON_DEPTH} levels`);
  if ((checked.get(value) ?? -1) >= depth) return null;
  const found = Array.isArray(value)
    ? checkList(value, path, depth, checked)
    : checkMap(value, path, depth, checked);
  if (found === null) checked.set(value, depth);
  return found;
}

function scalarReason(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'object':
      return null;
    case 'number':
      return numberReason(value);
    default:
      return `${typeof value} is not JSON`;
  }
}

function numberReason(value: number): string | null {
  if (!Number.isFinite(value)) return `${value} is not JSON`;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return null;
  return `the whole number ${value} is beyond 2^53 and would lose digits; send it as a string`;
}

function checkList(list: readonly unknown[], path: string, depth: number, checked: CheckedAt): string | null {
  for (let index = 0; index < list.length; index++) {
    const found = check(list[index], `${path}[${index}]`, depth + 1, checked);
    if (found !== null) return found;
  }
  return null;
}

function checkMap(map: object, path: string, depth: number, checked: CheckedAt): string | null {
  if (!isPlain(map)) return describe(path, `${typeName(map)} is not a plain object`);
  if (Object.getOwnPropertySymbols(map).length > 0) return describe(path, 'a symbol as a key is not JSON');
  for (const [key, value] of Object.entries(map)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (isForbiddenKey(key)) return describe(at, `the key ${key} is not allowed`);
    const found = check(value, at, depth + 1, checked);
    if (found !== null) return found;
  }
  return null;
}

/** Told by the chain, not by `Object.prototype`: a value may come from another realm, such as a workflow's sandbox. */
function isPlain(map: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(map);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function typeName(map: object): string {
  return Object.prototype.toString.call(map).slice('[object '.length, -1);
}

function describe(path: string, reason: string | null): string | null {
  if (reason === null) return null;
  // Keys come from outside: a path of a megabyte would go into errors, histories and answers.
  const shown = path.length > SHOWN_PATH_CHARS ? `${path.slice(0, SHOWN_PATH_CHARS)}…` : path;
  return `${shown === '' ? 'value' : shown}: ${reason}`;
}
