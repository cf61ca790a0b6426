/**
 * The values that an expression computes with. JSON comes in as it is: its numbers are CEL's doubles. Ints (literals,
 * `size`, `int()`) are bigints of 64 bits. The lists and maps that an expression makes itself are told from the
 * scope's by their classes, `MadeList` and `Map`.
 */
import type { Json, JsonObject } from '../json/json.js';

/** Keys of a map made by an expression. A double that is whole is looked up as the int. */
export type MapKey = string | bigint | boolean;

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | MadeList
  | JsonObject
  | ReadonlyMap<MapKey, Value>
  | Optional
  | Timestamp
  | Duration
  | TypeName
  | Fault;

/** CEL's name of a value's type. */
export type Kind =
  | 'null_type'
  | 'bool'
  | 'double'
  | 'int'
  | 'string'
  | 'list'
  | 'map'
  | 'optional_type'
  | 'google.protobuf.Timestamp'
  | 'google.protobuf.Duration'
  | 'type';

/** A list that an expression made; one of the scope's is a plain array. */
export class MadeList {
  readonly elements: readonly Value[];

  constructor(elements: readonly Value[]) {
    this.elements = elements;
  }
}

/** A value that may be missing. */
export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A moment in UTC, in nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A span of time in nanoseconds. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A type as a value, as in `type(x) == string`. */
export class TypeName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * An error of the data, such as a missing key. It is handed on as a value, since `||`, `&&`, `all` and `exists` may
 * still find their answer without it; what must stop the evaluation at once (cost, size) is thrown instead.
 */
export class Fault {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** CEL's type of a value; undefined for what is none, such as a function that a scope let in. */
export function kindOf(value: Value): Kind | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'double';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
    case 'object':
      return kindOfObject(value);
    default:
      return undefined;
  }
}

function kindOfObject(value: Exclude<Value, boolean | number | bigint | string>): Kind | undefined {
  if (value === null) return 'null_type';
  if (Array.isArray(value) || value instanceof MadeList) return 'list';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof TypeName) return 'type';
  return value instanceof Fault ? undefined : 'map';
}

/** The name of a value's type for messages. */
export function nameKind(value: Value): string {
  return kindOf(value) ?? 'no CEL value';
}

/** The elements of a list, of JSON or made; undefined for any other value. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value as readonly Json[];
  return value instanceof MadeList ? value.elements : undefined;
}

/** Whether a value is a map, of JSON or made. */
export function isMap(value: Value): value is JsonObject | ReadonlyMap<MapKey, Value> {
  return typeof value === 'object' && kindOfObject(value) === 'map';
}
