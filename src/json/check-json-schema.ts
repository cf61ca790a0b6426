/** Whether a JSON Schema is one that `validateJson` can run: known keywords, local references, no endless circle. */
import { isJsonObject } from './json.js';
import type { Json, JsonObject } from './json.js';
import { FORMATS } from './formats.js';
import {
  KEYWORD_HINTS,
  KEYWORDS,
  SAME_VALUE_KEYWORDS,
  TYPES,
  type Keyword,
  type KeywordShape,
} from './json-schema-keywords.js';
import { compilePattern } from './match-pattern.js';
import { PatternProblem } from './parse-pattern.js';

/** Something wrong with a schema. */
export interface SchemaProblem {
  /** From the schema's root. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
  /** For a misspelt word: what could have been meant. */
  readonly nearest?: { readonly given: string; readonly names: readonly string[] };
}

const MAX_PROBLEMS = 50;
const MAX_DEPTH = 64;

/** What is wrong with a schema; empty for one that can be run. Never throws. */
export function checkSchema(schema: unknown): readonly SchemaProblem[] {
  const checker = new SchemaChecker();
  checker.checkNode(schema, []);
  if (checker.problems.length === 0) checker.checkReferences();
  return checker.problems.slice(0, MAX_PROBLEMS);
}

type Path = readonly (string | number)[];

class SchemaChecker {
  readonly problems: SchemaProblem[] = [];
  /** Every schema in the document by its pointer. */
  readonly #nodes = new Map<string, JsonObject | boolean>();
  readonly #references: { readonly pointer: string; readonly target: string; readonly path: Path }[] = [];

  checkNode(schema: unknown, path: Path): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    if (path.length > MAX_DEPTH) this.#report(path, 'The schema is nested too deep');
    else if (typeof schema === 'boolean') this.#nodes.set(toPointer(path), schema);
    else if (!isJsonObject(schema)) this.#report(path, 'A schema is a map, or true or false');
    else {
      this.#nodes.set(toPointer(path), schema);
      for (const [key, value] of Object.entries(schema)) this.#checkKeyword(key, value, path);
    }
  }

  #report(path: Path, message: string, more: Pick<SchemaProblem, 'hint' | 'nearest'> = {}): void {
    this.problems.push({ path, message, ...more });
  }

  #checkKeyword(key: string, value: Json | undefined, path: Path): void {
    if (value === undefined) return;
    const at = [...path, key];
    if (key === '$id' && path.length > 0) {
      this.#report(at, '`$id` stands at the root only');
    } else if (Object.hasOwn(KEYWORDS, key)) {
      this.#checkShape(KEYWORDS[key as Keyword], value, at);
    } else {
      const hint = Object.hasOwn(KEYWORD_HINTS, key) ? KEYWORD_HINTS[key] : undefined;
      const advice =
        hint === undefined ? { nearest: { given: key, names: Object.keys(KEYWORDS) } } : { hint };
      this.#report(at, `\`${key.slice(0, 60)}\` is no supported keyword of JSON Schema`, advice);
    }
  }

  #checkShape(shape: KeywordShape, value: Json, path: Path): void {
    switch (shape) {
      case 'schema':
        this.#checkSchemaValue(value, path);
        break;
      case 'schema-map':
        this.#checkSchemaMap(value, path);
        break;
      case 'schema-list':
        if (!Array.isArray(value) || value.length === 0) this.#report(path, 'Expected a list of schemas');
        else value.forEach((item: Json, index) => this.checkNode(item, [...path, index]));
        break;
      case 'reference':
        this.#checkReference(value, path);
        break;
      default:
        this.#checkValue(shape, value, path);
    }
  }

  #checkSchemaValue(value: Json, path: Path): void {
    if (path.at(-1) === 'items' && Array.isArray(value)) {
      this.#report(path, '`items` is one schema for all elements', {
        hint: 'write `prefixItems` for a list of schemas',
      });
    } else this.checkNode(value, path);
  }

  #checkSchemaMap(value: Json, path: Path): void {
    if (!isJsonObject(value)) {
      this.#report(path, 'Expected a map of schemas');
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      if (path.at(-1) === 'patternProperties') this.#checkPattern(key, [...path, key]);
      this.checkNode(item, [...path, key]);
    }
  }

  #checkReference(value: Json, path: Path): void {
    if (typeof value !== 'string' || !/^#($|\/)/.test(value)) {
      this.#report(path, 'Only references within the schema are followed', {
        hint: 'e.g. `#/$defs/address`',
      });
    } else {
      this.#references.push({ pointer: toPointer(path.slice(0, -1)), target: decodePointer(value), path });
    }
  }

  #checkPattern(value: string, path: Path): void {
    try {
      compilePattern(value);
    } catch (error) {
      if (!(error instanceof PatternProblem)) throw error;
      this.#report(path, `The pattern cannot be used: ${error.message}`);
    }
  }

  #checkValue(shape: KeywordShape, value: Json, path: Path): void {
    if (shape === 'pattern' && typeof value === 'string') this.#checkPattern(value, path);
    else if (shape === 'format' && typeof value === 'string')
      this.#checkWord(value, Object.keys(FORMATS), path);
    else if (shape === 'type') this.#checkTypes(value, path);
    else {
      const due = describeDue(shape, value);
      if (due !== undefined) this.#report(path, `Expected ${due}`);
    }
  }

  #checkTypes(value: Json, path: Path): void {
    const types = Array.isArray(value) ? (value as readonly Json[]) : [value];
    if (types.length === 0) this.#report(path, 'Expected at least one type');
    types.forEach((type, index) => {
      const at = Array.isArray(value) ? [...path, index] : path;
      if (typeof type === 'string') this.#checkWord(type, TYPES, at);
      else
        this.#report(
          at,
          `Expected one of ${TYPES.join(', ')}`,
          type === null ? { hint: 'write "null"' } : {},
        );
    });
  }

  #checkWord(value: string, words: readonly string[], path: Path): void {
    if (words.includes(value)) return;
    const nearest = { given: value, names: words };
    this.#report(path, `${JSON.stringify(value.slice(0, 60))} is none of ${words.join(', ')}`, { nearest });
  }

  /** Every reference leads to a schema, and none in a circle that stays at one value. */
  checkReferences(): void {
    for (const { target, path } of this.#references) {
      if (!this.#nodes.has(target)) this.#report(path, `There is no schema at \`#${target.slice(0, 80)}\``);
    }
    if (this.problems.length > 0) return;
    const targets = new Map(this.#references.map(({ pointer, target }) => [pointer, target]));
    const settled = new Set<string>();
    for (const { pointer, path } of this.#references) {
      if (this.#isCircular(pointer, targets, settled)) {
        this.#report(path, 'The reference leads back to itself without going into the value');
        return;
      }
    }
  }

  /** Depth first, with a stack of its own: a chain of references may be thousands long. */
  #isCircular(start: string, targets: ReadonlyMap<string, string>, settled: Set<string>): boolean {
    const open = new Set<string>();
    const stack: { readonly pointer: string; readonly isDone: boolean }[] = [
      { pointer: start, isDone: false },
    ];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const { pointer, isDone } = top;
      if (isDone) {
        open.delete(pointer);
        settled.add(pointer);
      } else if (open.has(pointer)) return true;
      else if (!settled.has(pointer)) {
        open.add(pointer);
        stack.push({ pointer, isDone: true });
        for (const next of this.#sameValue(pointer, targets)) stack.push({ pointer: next, isDone: false });
      }
    }
    return false;
  }

  /** The schemas that a schema holds its own value against. */
  #sameValue(pointer: string, targets: ReadonlyMap<string, string>): readonly string[] {
    const node = this.#nodes.get(pointer);
    if (!isJsonObject(node)) return [];
    const target = targets.get(pointer);
    const inner = SAME_VALUE_KEYWORDS.flatMap((key) => {
      const value = node[key];
      if (key === '$ref' || value === undefined) return [];
      const isMany = Array.isArray(value) || key === 'dependentSchemas';
      if (!isMany) return [`${pointer}/${key}`];
      return Object.keys(value ?? {}).map((name) => `${pointer}/${key}/${escape(name)}`);
    });
    return target === undefined ? inner : [target, ...inner];
  }
}

function describeDue(shape: KeywordShape, value: Json): string | undefined {
  switch (shape) {
    case 'string':
    case 'pattern':
    case 'format':
      return typeof value === 'string' ? undefined : 'a text';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'number':
      return typeof value === 'number' ? undefined : 'a number';
    case 'positive':
      return typeof value === 'number' && value > 0 ? undefined : 'a number above 0';
    case 'count':
      return Number.isInteger(value) && Number(value) >= 0 ? undefined : 'a whole number of at least 0';
    case 'list':
      return Array.isArray(value) && value.length > 0 ? undefined : 'a list with at least one value';
    case 'string-list':
      return isTextList(value) ? undefined : 'a list of texts';
    case 'string-list-map':
      return isJsonObject(value) && Object.values(value).every(isTextList)
        ? undefined
        : 'a map of lists of texts';
    default:
      return undefined;
  }
}

function isTextList(value: Json | undefined): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function escape(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

function toPointer(path: Path): string {
  return path.map((segment) => `/${escape(String(segment))}`).join('');
}

/** `#/$defs/a%20b` to `/$defs/a b`, with `~0` and `~1` left as they are. */
export function decodePointer(reference: string): string {
  const pointer = reference.slice(1);
  try {
    return decodeURIComponent(pointer);
  } catch (error) {
    // A `%` that begins no escape stands for itself.
    if (error instanceof URIError) return pointer;
    throw error;
  }
}
