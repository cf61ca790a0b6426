/**
 * JSON Schema against a value. Runs in replayed workflow code on data from anywhere, so all of it is bounded: the
 * steps (a value held against a schema, an element compared, a state of a pattern), the depth, and the problems
 * reported. The same value and schema always take the same steps.
 */
import { canonicalJson } from './canonical-json.js';
import { decodePointer } from './check-json-schema.js';
import { FORMATS } from './formats.js';
import { isJsonObject } from './json.js';
import type { Json, JsonObject } from './json.js';
import { jsonSize } from './json-size.js';
import type { Place } from './json-place.js';
import { describe, describeNumberProblem, isOfType, nameType, typeOf } from './json-schema-scalars.js';
import { compilePattern, matchPattern, type Pattern } from './match-pattern.js';

/** A part of a value that does not fit, with its place not yet written out: most are thrown away with their branch. */
export interface Misfit {
  readonly at: Place | undefined;
  readonly message: string;
}

/** Bounds of one validation. */
export const VALIDATION_LIMITS = { maxSteps: 1_000_000, maxDepth: 300, maxProblems: 20 } as const;

/** What one value held against one schema costs, where a state of a pattern costs 1: some hundred nanoseconds. */
const STEPS_OF_A_SCHEMA = 2;

/** Ends a validation that has become too costly. */
export class ValidationLimit extends Error {}

type At = Place | undefined;

export class Evaluation {
  readonly #root: JsonObject;
  readonly #patterns = new Map<string, Pattern>();
  readonly #targets = new Map<string, Json | undefined>();
  #steps = 0;
  #depth = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** Whether a value fits; what does not is added to `problems`, as long as there are few. */
  check(schema: Json | undefined, value: Json, at: At, problems: Misfit[]): boolean {
    if (schema === true || schema === undefined) return true;
    if (schema === false) return this.#fail('is not allowed', at, problems);
    this.spend(STEPS_OF_A_SCHEMA);
    this.#depth += 1;
    if (this.#depth > VALIDATION_LIMITS.maxDepth)
      throw new ValidationLimit('is nested too deep to be checked');
    const isValid = isJsonObject(schema) ? this.#checkAll(schema, value, at, problems) : true;
    this.#depth -= 1;
    return isValid;
  }

  readonly spend = (steps: number): void => {
    this.#steps += steps;
    if (this.#steps > VALIDATION_LIMITS.maxSteps) {
      throw new ValidationLimit(`takes more than ${VALIDATION_LIMITS.maxSteps} steps to be checked`);
    }
  };

  #fail(message: string, at: At, problems: Misfit[]): false {
    if (problems.length < VALIDATION_LIMITS.maxProblems) problems.push({ at, message });
    return false;
  }

  #checkAll(schema: JsonObject, value: Json, at: At, problems: Misfit[]): boolean {
    const isTyped = this.#checkType(schema, value, at, problems);
    // What has the wrong type would fail everything else as well.
    if (!isTyped) return false;
    const results = [
      this.#checkReference(schema, value, at, problems),
      this.#checkConstants(schema, value, at, problems),
      this.#checkCombinations(schema, value, at, problems),
      this.#checkKind(schema, value, at, problems),
    ];
    return results.every(Boolean);
  }

  #checkType({ type }: JsonObject, value: Json, at: At, problems: Misfit[]): boolean {
    if (type === undefined) return true;
    const types = (Array.isArray(type) ? type : [type]) as readonly string[];
    if (types.some((name) => isOfType(name, value))) return true;
    return this.#fail(
      `must be ${types.map(nameType).join(' or ')}, not ${nameType(typeOf(value))}`,
      at,
      problems,
    );
  }

  #checkReference({ $ref: reference }: JsonObject, value: Json, at: At, problems: Misfit[]): boolean {
    return typeof reference !== 'string' || this.check(this.#resolve(reference), value, at, problems);
  }

  #resolve(reference: string): Json | undefined {
    if (this.#targets.has(reference)) return this.#targets.get(reference);
    let node: Json | undefined = this.#root;
    for (const segment of decodePointer(reference).split('/').slice(1)) {
      const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
      const holder: unknown = node;
      const isThere = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
      node = isThere ? (holder as Readonly<Record<string, Json>>)[key] : undefined;
    }
    this.#targets.set(reference, node);
    return node;
  }

  #checkConstants(schema: JsonObject, value: Json, at: At, problems: Misfit[]): boolean {
    const allowed = schema['enum'];
    if (schema['const'] !== undefined && !this.#isSame(schema['const'], value)) {
      return this.#fail(`must be ${describe(schema['const'])}`, at, problems);
    }
    if (!Array.isArray(allowed) || allowed.some((item: Json) => this.#isSame(item, value))) return true;
    return this.#fail(`must be one of ${allowed.slice(0, 10).map(describe).join(', ')}`, at, problems);
  }

  #isSame(left: Json, right: Json): boolean {
    this.spend(1);
    if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null)
      return left === right;
    return this.#canonical(left) === this.#canonical(right);
  }

  #canonical(value: Json): string {
    this.spend(Math.ceil(jsonSize(value) / 8));
    return canonicalJson(value);
  }

  #checkCombinations(schema: JsonObject, value: Json, at: At, problems: Misfit[]): boolean {
    const { allOf, anyOf, oneOf, not, if: condition } = schema;
    const results: boolean[] = [];
    for (const part of listOf(allOf)) results.push(this.check(part, value, at, problems));
    if (anyOf !== undefined) results.push(this.#checkAny(listOf(anyOf), value, at, problems));
    if (oneOf !== undefined) results.push(this.#checkOne(listOf(oneOf), value, at, problems));
    if (not !== undefined && this.check(not, value, at, [])) {
      results.push(this.#fail('has a form that is not allowed', at, problems));
    }
    if (condition !== undefined) {
      const branch = this.check(condition, value, at, []) ? schema['then'] : schema['else'];
      results.push(this.check(branch, value, at, problems));
    }
    return results.every(Boolean);
  }

  #checkAny(branches: readonly Json[], value: Json, at: At, problems: Misfit[]): boolean {
    const failures: Misfit[][] = [];
    for (const branch of branches) {
      const own: Misfit[] = [];
      if (this.check(branch, value, at, own)) return true;
      failures.push(own);
    }
    return this.#failBranches(failures, at, problems);
  }

  #checkOne(branches: readonly Json[], value: Json, at: At, problems: Misfit[]): boolean {
    const failures: Misfit[][] = [];
    let matches = 0;
    for (const branch of branches) {
      const own: Misfit[] = [];
      if (this.check(branch, value, at, own)) matches += 1;
      else failures.push(own);
    }
    if (matches === 1) return true;
    if (matches === 0) return this.#failBranches(failures, at, problems);
    return this.#fail(`fits ${matches} of the forms of which it may have one`, at, problems);
  }

  /** Reports the branch that was meant: the one that fails inside the value, not at it; else what all ask for. */
  #failBranches(failures: readonly (readonly Misfit[])[], at: At, problems: Misfit[]): boolean {
    const meant = failures.filter((list) => list.every((problem) => problem.at !== at));
    const [only] = meant.length === 1 ? meant : failures.length === 1 ? failures : [];
    if (!only) {
      const messages = [...new Set(failures.flatMap((list) => list[0]?.message ?? []))].slice(0, 5);
      return this.#fail(`fits none of its forms: ${messages.join('; or ')}`, at, problems);
    }
    for (const problem of only.slice(0, VALIDATION_LIMITS.maxProblems - problems.length))
      problems.push(problem);
    return false;
  }

  #checkKind(schema: JsonObject, value: Json, at: At, problems: Misfit[]): boolean {
    if (typeof value === 'string') return this.#checkText(schema, value, at, problems);
    if (typeof value === 'number') {
      const message = describeNumberProblem(schema, value);
      return message === undefined || this.#fail(message, at, problems);
    }
    if (Array.isArray(value)) return this.#checkList(schema, value as readonly Json[], at, problems);
    return isJsonObject(value) ? this.#checkMap(schema, value, at, problems) : true;
  }

  #checkText(schema: JsonObject, value: string, at: At, problems: Misfit[]): boolean {
    const { minLength, maxLength, pattern, format } = schema;
    const results: boolean[] = [];
    if (minLength !== undefined || maxLength !== undefined) {
      const length = this.#countCharacters(value);
      if (length < Number(minLength ?? 0)) {
        results.push(this.#fail(`must have at least ${String(minLength)} characters`, at, problems));
      }
      if (length > Number(maxLength ?? Infinity)) {
        results.push(this.#fail(`must have at most ${String(maxLength)} characters`, at, problems));
      }
    }
    if (typeof pattern === 'string' && !this.#matches(pattern, value)) {
      results.push(this.#fail(`must match the pattern ${pattern.slice(0, 100)}`, at, problems));
    }
    if (typeof format === 'string' && !this.#hasFormat(format, value)) {
      results.push(this.#fail(`must be a text of the format ${format}`, at, problems));
    }
    return results.length === 0;
  }

  /** Characters, not UTF-16 units. */
  #countCharacters(text: string): number {
    this.spend(Math.ceil(text.length / 16));
    let count = text.length;
    for (let index = 0; index < text.length - 1; index++) {
      if (text.charCodeAt(index) >= 0xd800 && (text.codePointAt(index) ?? 0) > 0xffff) count -= 1;
    }
    return count;
  }

  #hasFormat(format: string, value: string): boolean {
    this.spend(Math.ceil(value.length / 16));
    return !Object.hasOwn(FORMATS, format) || FORMATS[format]?.(value) === true;
  }

  #matches(source: string, text: string): boolean {
    const pattern = this.#patterns.get(source) ?? compilePattern(source);
    this.#patterns.set(source, pattern);
    return matchPattern(pattern, text, this.spend);
  }

  #checkList(schema: JsonObject, list: readonly Json[], at: At, problems: Misfit[]): boolean {
    const { minItems, maxItems, uniqueItems, contains } = schema;
    if (list.length < Number(minItems ?? 0)) {
      return this.#fail(`must have at least ${String(minItems)} elements`, at, problems);
    }
    if (list.length > Number(maxItems ?? Infinity)) {
      return this.#fail(`must have at most ${String(maxItems)} elements`, at, problems);
    }
    const results = [this.#checkElements(schema, list, at, problems)];
    if (uniqueItems === true) results.push(this.#checkUnique(list, at, problems));
    if (contains !== undefined) results.push(this.#checkContains(schema, list, at, problems));
    return results.every(Boolean);
  }

  #checkElements(
    { prefixItems, items }: JsonObject,
    list: readonly Json[],
    at: At,
    problems: Misfit[],
  ): boolean {
    const prefix = listOf(prefixItems);
    if (prefix.length === 0 && items === undefined) return true;
    let isValid = true;
    list.forEach((item, index) => {
      const schema = index < prefix.length ? prefix[index] : items;
      if (!this.check(schema, item, { segment: index, parent: at }, problems)) isValid = false;
    });
    return isValid;
  }

  #checkUnique(list: readonly Json[], at: At, problems: Misfit[]): boolean {
    const seen = new Set<string>();
    for (const [index, item] of list.entries()) {
      const text = this.#canonical(item);
      if (seen.has(text)) {
        return this.#fail('stands in the list more than once', { segment: index, parent: at }, problems);
      }
      seen.add(text);
    }
    return true;
  }

  #checkContains(schema: JsonObject, list: readonly Json[], at: At, problems: Misfit[]): boolean {
    const { contains, minContains = 1, maxContains = Infinity } = schema;
    const count = list.filter((item) => this.check(contains, item, at, [])).length;
    if (count >= Number(minContains) && count <= Number(maxContains)) return true;
    const due =
      count < Number(minContains) ? `at least ${String(minContains)}` : `at most ${String(maxContains)}`;
    return this.#fail(`must have ${due} elements of a certain form, not ${count}`, at, problems);
  }

  #checkMap(schema: JsonObject, map: JsonObject, at: At, problems: Misfit[]): boolean {
    const keys = Object.keys(map).filter((key) => map[key] !== undefined);
    this.spend(keys.length);
    const results = [
      this.#checkRequired(schema, map, at, problems),
      this.#checkSize(schema, keys.length, at, problems),
    ];
    for (const key of keys) results.push(this.#checkProperty(schema, key, map[key] ?? null, at, problems));
    for (const [key, inner] of Object.entries(mapOf(schema['dependentSchemas']))) {
      if (has(map, key)) results.push(this.check(inner, map, at, problems));
    }
    return results.every(Boolean);
  }

  #checkRequired(schema: JsonObject, map: JsonObject, at: At, problems: Misfit[]): boolean {
    const dependent = Object.entries(mapOf(schema['dependentRequired'])).filter(([key]) => has(map, key));
    const required = [...listOf(schema['required']), ...dependent.flatMap(([, keys]) => listOf(keys))];
    this.spend(required.length);
    const missing = required.filter((key) => typeof key === 'string' && !has(map, key));
    for (const key of missing) this.#fail('is required', { segment: String(key), parent: at }, problems);
    return missing.length === 0;
  }

  #checkSize(
    { minProperties, maxProperties }: JsonObject,
    size: number,
    at: At,
    problems: Misfit[],
  ): boolean {
    if (size < Number(minProperties ?? 0)) {
      return this.#fail(`must have at least ${String(minProperties)} keys`, at, problems);
    }
    if (size <= Number(maxProperties ?? Infinity)) return true;
    return this.#fail(`must have at most ${String(maxProperties)} keys`, at, problems);
  }

  #checkProperty(schema: JsonObject, key: string, value: Json, at: At, problems: Misfit[]): boolean {
    const place: Place = { segment: key, parent: at };
    const own = mapOf(schema['properties']);
    const fitting = this.#patternsFor(schema, key);
    const results = fitting.map((inner) => this.check(inner, value, place, problems));
    const isNamed = Object.hasOwn(own, key);
    if (isNamed) results.push(this.check(own[key], value, place, problems));
    if (!isNamed && fitting.length === 0) {
      results.push(this.#checkAdditional(schema['additionalProperties'], value, place, problems));
    }
    if (schema['propertyNames'] !== undefined) {
      results.push(this.check(schema['propertyNames'], key, place, problems));
    }
    return results.every(Boolean);
  }

  #patternsFor(schema: JsonObject, key: string): readonly (Json | undefined)[] {
    const patterns = Object.entries(mapOf(schema['patternProperties']));
    return patterns.filter(([source]) => this.#matches(source, key)).map(([, inner]) => inner);
  }

  #checkAdditional(schema: Json | undefined, value: Json, place: Place, problems: Misfit[]): boolean {
    if (schema === false) return this.#fail('is no key that is known here', place, problems);
    return this.check(schema, value, place, problems);
  }
}

function has(map: JsonObject, key: string): boolean {
  return Object.hasOwn(map, key) && map[key] !== undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function mapOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
