import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import type { JsonObject } from '../../src/json/json.js';
import { Duration, elementsOf, isMap, MadeList, Timestamp, TypeName } from '../../src/expression/value.js';
import type { MapKey, Value } from '../../src/expression/value.js';

/** The sections of the CEL specification that need no protocol buffers and no extension. */
const SECTIONS: ReadonlySet<string> = new Set([
  'basic',
  'comparisons',
  'conversions',
  'fields',
  'fp_math',
  'integer_math',
  'lists',
  'logic',
  'macros',
  'namespace',
  'optionals',
  'parse',
  'plumbing',
  'string',
  'timestamps',
]);

/** What marks a vector as one about messages: no JSON value can stand for them. */
const ABOUT_MESSAGES =
  /TestAllTypes|objectValue|messageType|NestedEnum|GlobalEnum|google\.protobuf\.(?!Timestamp|Duration)/;

/** One vector: an expression with its bindings, and what it must yield. */
export interface Vector {
  readonly name: string;
  readonly expr: string;
  readonly bindings: Readonly<Record<string, Value>>;
  /** The value, or undefined where the evaluation must fail. */
  readonly expected: Value | undefined;
}

interface VectorJson {
  readonly name: string;
  readonly expr: string;
  readonly value?: ValueJson;
  readonly typedResult?: { readonly result?: ValueJson };
  readonly evalError?: unknown;
  readonly checkOnly?: boolean;
  readonly bindings?: Readonly<Record<string, { readonly value: ValueJson }>>;
}

interface SuiteJson {
  readonly name: string;
  readonly suites?: readonly SuiteJson[];
  readonly tests?: readonly { readonly original: unknown }[];
}

type ValueJson = Readonly<Record<string, unknown>>;

/** Every vector of the core sections; those about messages and about checking alone are left out. */
export function coreVectors(): readonly Vector[] {
  const suites = (conformance as unknown as SuiteJson).suites ?? [];
  return suites.filter((suite) => SECTIONS.has(suite.name)).flatMap((suite) => vectorsOf(suite, ''));
}

function vectorsOf(suite: SuiteJson, prefix: string): readonly Vector[] {
  const path = `${prefix}${suite.name}/`;
  const own = (suite.tests ?? []).map((test) => test.original as VectorJson);
  return [
    ...own.filter(isAboutValues).map((test) => toVector(test, path)),
    ...(suite.suites ?? []).flatMap((inner) => vectorsOf(inner, path)),
  ];
}

function isAboutValues(test: VectorJson): boolean {
  return test.checkOnly !== true && !ABOUT_MESSAGES.test(JSON.stringify(test));
}

function toVector(test: VectorJson, path: string): Vector {
  const bindings = Object.entries(test.bindings ?? {}).map(
    ([name, { value }]) => [name, toValue(value)] as const,
  );
  // A vector that names no value expects true.
  const value = test.value ?? test.typedResult?.result ?? { boolValue: true };
  return {
    name: `${path}${test.name}`,
    expr: test.expr,
    bindings: Object.fromEntries(bindings),
    expected: test.evalError === undefined ? toValue(value) : undefined,
  };
}

/** A value of the specification's JSON form. Bytes and unsigned ints, which ChatFlow lacks, become what equals nothing. */
function toValue(json: ValueJson): Value {
  const [[kind, content] = ['nullValue', null]] = Object.entries(json);
  switch (kind) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
      return content as boolean | string;
    case 'int64Value':
      return BigInt(content as string);
    case 'doubleValue':
      return toDouble(content);
    case 'typeValue':
      return new TypeName(content as string);
    case 'listValue':
      return new MadeList(((content as { values?: ValueJson[] }).values ?? []).map(toValue));
    case 'mapValue':
      return toMap((content as { entries?: { key: ValueJson; value: ValueJson }[] }).entries ?? []);
    default:
      return new TypeName(`no value of ChatFlow: ${kind}`);
  }
}

function toDouble(content: unknown): number {
  if (content === 'Infinity') return Number.POSITIVE_INFINITY;
  if (content === '-Infinity') return Number.NEGATIVE_INFINITY;
  return Number(content);
}

function toMap(entries: readonly { key: ValueJson; value: ValueJson }[]): Value {
  return new Map(entries.map(({ key, value }) => [toValue(key) as MapKey, toValue(value)]));
}

/** A text that tells every value from every other, types included. */
export function describeValue(value: Value): string {
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${Object.is(value, -0) ? '-0' : value}`;
  if (value instanceof TypeName) return `type ${value.name}`;
  if (value instanceof Timestamp) return `timestamp ${value.nanos}`;
  if (value instanceof Duration) return `duration ${value.nanos}`;
  const elements = elementsOf(value);
  if (elements !== undefined) return `[${elements.map(describeValue).join(', ')}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries =
    value instanceof Map ? [...(value as ReadonlyMap<MapKey, Value>)] : Object.entries(value as JsonObject);
  const described = entries.map(([key, item]) => `${describeValue(key)}: ${describeValue(item ?? null)}`);
  return `{${described.sort().join(', ')}}`;
}
