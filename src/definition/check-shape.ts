/** The document against the schema: zod's issues as findings, each of the branch that was meant. */
import type { z } from 'zod';
import { isJsonObject } from '../json/json.js';
import type { Json } from '../json/json.js';
import { describeUnknownKey } from './describe-unknown-key.js';
import type { Path, Report } from './finding.js';
import { describeGiven, describeIssue, hintForDigits } from './describe-issue.js';
import { hintForList } from './hint-for-list.js';
import { definitionSchema } from './schema/definition-schema.js';
import { describeType, fitsType, keysOf, requiredKeysOf, schemasAt, wordsOf } from './schema-tree.js';

type Issue = z.core.$ZodIssue;

/** How a value is written in the text: `1.0`, where the value is 1. */
export type Written = (path: Path) => string;

/** Reports whatever does not fit the schema. */
export function checkShape(document: Json, written: Written, report: Report): void {
  const result = definitionSchema.safeParse(document);
  if (result.success) return;
  new ShapeReporter(document, written, report).reportAll(result.error.issues, definitionSchema, []);
}

class ShapeReporter {
  readonly #document: Json;
  readonly #written: Written;
  readonly #report: Report;

  constructor(document: Json, written: Written, report: Report) {
    this.#document = document;
    this.#written = written;
    this.#report = report;
  }

  /** Issues of a value at `base`, which `schema` is about; `siblings` are keys of other branches of its union. */
  reportAll(
    issues: readonly Issue[],
    schema: z.core.$ZodType,
    base: Path,
    siblings: readonly string[] = [],
  ): void {
    for (const issue of issues) {
      const inner = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment));
      const others = inner.length === 0 ? siblings : [];
      this.#reportOne(issue, schemasAt(schema, inner), [...base, ...inner], others);
    }
  }

  #reportOne(
    issue: Issue,
    schemas: readonly z.core.$ZodType[],
    path: Path,
    siblings: readonly string[],
  ): void {
    if (issue.code === 'unrecognized_keys') this.#reportKeys(issue.keys, schemas, path, siblings);
    else if (issue.code === 'invalid_union') this.#reportUnion(issue, schemas, path);
    else {
      const value = valueAt(this.#document, path);
      this.#report(describeIssue(issue, { path, value, written: this.#written }));
    }
  }

  #reportKeys(
    keys: readonly string[],
    schemas: readonly z.core.$ZodType[],
    path: Path,
    siblings: readonly string[],
  ): void {
    const value = valueAt(this.#document, path);
    const meant = schemas.filter((schema) => isMeant(schema, value));
    const known = (meant.length > 0 ? meant : schemas).flatMap(keysOf);
    const others = [...siblings, ...schemas.flatMap(keysOf)];
    for (const key of keys) this.#report(describeUnknownKey({ key, known, siblings: others, path }));
  }

  #reportUnion(issue: z.core.$ZodIssueInvalidUnion, schemas: readonly z.core.$ZodType[], path: Path): void {
    const value = valueAt(this.#document, path);
    const branches = issue.errors.map((issues, index) => ({ issues, schema: schemas[index] }));
    const fitting = branches.filter(({ schema }) => schema && fitsType(schema, value));
    const [only] =
      fitting.length === 1 ? fitting : fitting.filter(({ schema }) => schema && isMeant(schema, value));
    if (fitting.length === 0) this.#reportType(schemas, value, path);
    else if (only?.schema && fitting.length === 1 && isWord(only.schema))
      this.#reportWord(schemas, value, path);
    else if (only?.schema && !this.#reportMixture(schemas, value, path)) {
      this.reportAll(only.issues, only.schema, path, schemas.flatMap(keysOf));
    } else if (!only) this.#reportNoKind(schemas, value, path);
  }

  #reportType(schemas: readonly z.core.$ZodType[], value: unknown, path: Path): void {
    const expected = [...new Set(schemas.map(describeType))].join(' or ');
    const message = `Expected ${expected}, got ${describeGiven(value)}`;
    const digits = schemas.some((schema) => fitsType(schema, 0)) ? hintForDigits(value) : undefined;
    const hint = digits ?? hintForList(schemas, value, String(path.at(-1)));
    this.#report({ code: 'wrong-type', message, path, ...(hint === undefined ? {} : { hint }) });
  }

  /** One word of few, or something that is no text: all of it is said. */
  #reportWord(schemas: readonly z.core.$ZodType[], value: unknown, path: Path): void {
    const expected = schemas.map(describeType).join(' or ');
    const nearest = { given: String(value), names: schemas.flatMap(wordsOf) };
    this.#report({
      code: 'wrong-value',
      message: `Expected ${expected}, got ${describeGiven(value)}`,
      path,
      nearest,
    });
  }

  /** Keys of two branches stand together: says so, and nothing else of this value. */
  #reportMixture(schemas: readonly z.core.$ZodType[], value: unknown, path: Path): boolean {
    const kinds = schemas.flatMap(requiredKeysOf);
    const given = isJsonObject(value) ? Object.keys(value).filter((key) => kinds.includes(key)) : [];
    const second = given[1];
    if (second === undefined || schemas.filter((schema) => fitsType(schema, value)).length < 2) return false;
    const message = `\`${given.join('`, `')}\` stand together; exactly one is expected`;
    this.#report({ code: 'kind-conflict', message, path: [...path, second], at: 'key' });
    return true;
  }

  #reportNoKind(schemas: readonly z.core.$ZodType[], value: unknown, path: Path): void {
    const kinds = schemas.flatMap(requiredKeysOf);
    const keys = isJsonObject(value) ? Object.keys(value) : [];
    const message = `Expected exactly one of \`${kinds.join('`, `')}\``;
    const [first] = keys;
    const nearest = first === undefined ? {} : { nearest: { given: first, names: kinds } };
    const place = first === undefined ? { path } : { path: [...path, first], at: 'key' as const };
    this.#report({ code: 'kind-conflict', message, ...place, ...nearest });
  }
}

function isWord(schema: z.core.$ZodType): boolean {
  return wordsOf(schema).length > 0;
}

/** Whether all that a branch requires is there: `activity` tells an activity from an HTTP call. */
function isMeant(schema: z.core.$ZodType, value: unknown): boolean {
  const required = requiredKeysOf(schema);
  return isJsonObject(value) && required.every((key) => Object.hasOwn(value, key));
}

function valueAt(document: Json, path: Path): unknown {
  let value: unknown = document;
  for (const segment of path) {
    const holder = value as Readonly<Record<string, unknown>> | null;
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, segment)) return undefined;
    value = holder[segment];
  }
  return value;
}
