/** From any value a caller hands over to JSON of its own, or the reasons why it is none. */
import { isForbiddenKey } from '../json/forbidden-key.js';
import type { Json } from '../json/json.js';
import type { Finding, Path, PathSegment } from './finding.js';
import { show } from './finding.js';
import { DEFINITION_LIMITS as LIMITS } from './limits.js';

export interface PlainJson {
  /** Null where there are findings. */
  readonly document: Json;
  readonly findings: readonly Finding[];
}

/**
 * Copies a value, so that what is checked cannot change afterwards. Runs no code of it: no getter, no `toJSON`, no
 * iterator; only a Proxy may run its traps, and what it throws is a finding. Properties that are undefined are left out.
 */
export function copyPlainJson(value: unknown): PlainJson {
  const copier = new Copier();
  try {
    const document = copier.copy(value, []);
    return { document: copier.findings.length > 0 ? null : document, findings: copier.findings };
  } catch (error) {
    if (error instanceof LimitPassed) return { document: null, findings: copier.findings };
    const message = `The value cannot be read: ${show(error instanceof Error ? error.message : error)}`;
    return { document: null, findings: [{ code: 'not-json', message, path: [] }] };
  }
}

class LimitPassed extends Error {}

class Copier {
  readonly findings: Finding[] = [];
  readonly #open = new Set<object>();
  #values = 0;
  #chars = 0;

  copy(value: unknown, path: Path): Json {
    this.#count(path, 1);
    if (typeof value === 'string') this.#countChars(value.length, path);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return this.#copyNumber(value, path);
    if (typeof value !== 'object') return this.#refuse(`A ${typeof value} is not JSON`, path);
    if (this.#open.has(value)) return this.#refuse('The value contains itself', path);
    if (path.length >= LIMITS.maxDepth) {
      this.#stop('nested-too-deep', `Lists and maps are nested deeper than ${LIMITS.maxDepth} levels`, path);
    }
    this.#open.add(value);
    const copied = Array.isArray(value) ? this.#copyList(value, path) : this.#copyMap(value, path);
    this.#open.delete(value);
    return copied;
  }

  #copyNumber(value: number, path: Path): Json {
    if (!Number.isFinite(value)) return this.#refuse(`${value} is not JSON`, path);
    const isWhole = Number.isInteger(value);
    if (isWhole && !Number.isSafeInteger(value))
      return this.#refuse(`The number ${value} is beyond 2^53`, path);
    return value === 0 ? 0 : value;
  }

  #copyList(list: readonly unknown[], path: Path): Json {
    this.#count(path, list.length);
    return Array.from({ length: list.length }, (_, index) => this.#copyProperty(list, index, path) ?? null);
  }

  #copyMap(map: object, path: Path): Json {
    if (!isPlain(map)) return this.#refuse('Only plain objects, lists and scalars are JSON', path);
    const keys = Reflect.ownKeys(map);
    if (keys.length > LIMITS.maxKeys) {
      this.#stop('too-many-keys', `A map has ${keys.length} keys, the limit is ${LIMITS.maxKeys}`, path);
    }
    const copied: Record<string, Json> = {};
    for (const key of keys) {
      if (typeof key === 'symbol') this.#refuse('A symbol as a key is not JSON', path);
      else if (isForbiddenKey(key))
        this.#report('forbidden-key', `The key ${key} is not allowed`, [...path, key]);
      else this.#copyInto(copied, map, key, path);
    }
    return copied;
  }

  #copyInto(copied: Record<string, Json>, map: object, key: string, path: Path): void {
    this.#countChars(key.length, path);
    if (Object.getOwnPropertyDescriptor(map, key)?.enumerable !== true) return;
    const value = this.#copyProperty(map, key, path);
    if (value !== undefined) copied[key] = value;
  }

  /** Undefined for a property of a map that is undefined; in a list that is a finding. */
  #copyProperty(holder: object, key: PathSegment, path: Path): Json | undefined {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    const at = [...path, key];
    if (descriptor?.get || descriptor?.set) return this.#refuse('A getter or setter is not JSON', at);
    const value: unknown = descriptor?.value;
    if (value === undefined && !Array.isArray(holder)) return undefined;
    return this.copy(value, at);
  }

  #count(path: Path, values: number): void {
    this.#values += values;
    if (this.#values <= LIMITS.maxValues) return;
    this.#stop(
      'too-many-values',
      `The document has more than ${LIMITS.maxValues} keys and values`,
      path.slice(0, 8),
    );
  }

  #countChars(chars: number, path: Path): void {
    this.#chars += chars;
    if (this.#chars <= LIMITS.maxBytes) return;
    const message = `The document has more than ${LIMITS.maxBytes} characters of text`;
    this.#stop('document-too-large', message, path.slice(0, 8));
  }

  #refuse(message: string, path: Path): null {
    this.#report('not-json', message, path);
    return null;
  }

  #stop(code: Finding['code'], message: string, path: Path): never {
    this.#report(code, message, path.slice(0, 8));
    throw new LimitPassed();
  }

  #report(code: Finding['code'], message: string, path: Path): void {
    this.findings.push({ code, message, path });
    if (this.findings.length > LIMITS.maxProblems) throw new LimitPassed();
  }
}

/** Told by the chain, not by `Object.prototype`: a value may come from another realm. */
function isPlain(map: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(map);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
