/** `string() int() double() bool() timestamp() duration() type()`, as CEL has them. */
import { checkInt } from './arithmetic.js';
import type { ExpressionBudget } from './expression-budget.js';
import { COST } from './limits.js';
import {
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  toSeconds,
  toTimestamp,
} from './time.js';
import { Duration, Fault, kindOf, nameKind, Timestamp, TypeName } from './value.js';
import type { Value } from './value.js';

const MAX_NUMBER_CHARS = 400;
const INT = /^[+-]?\d{1,20}$/;
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NANOS_PER_SECOND = 1_000_000_000n;

const SPECIAL_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

const TRUE_TEXTS: ReadonlySet<string> = new Set(['1', 't', 'true', 'TRUE', 'True']);
const FALSE_TEXTS: ReadonlySet<string> = new Set(['0', 'f', 'false', 'FALSE', 'False']);

/** `string(x)` */
export function toText(value: Value, budget: ExpressionBudget): Value {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return doubleToText(value);
  if (!(value instanceof Timestamp || value instanceof Duration)) return refuse('string', value);
  budget.spend(COST.time);
  return value instanceof Timestamp ? formatTimestamp(value) : formatDuration(value);
}

/** `int(x)`: a double is cut towards zero. */
export function toInt(value: Value): Value {
  if (typeof value === 'bigint') return value;
  if (value instanceof Timestamp) return toSeconds(value);
  if (typeof value === 'string') {
    return INT.test(value) ? checkInt(BigInt(value.replace(/^\+/, ''))) : new Fault('The text is no int');
  }
  if (typeof value !== 'number') return refuse('int', value);
  // Strictly inside: the doubles next to 2^63 stand for more than they say.
  const fits = value > -(2 ** 63) && value < 2 ** 63;
  return fits ? BigInt(Math.trunc(value)) : new Fault('The double does not fit into an int');
}

/** `double(x)` */
export function toDouble(value: Value): Value {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return refuse('double', value);
  if (value.length <= MAX_NUMBER_CHARS && DOUBLE.test(value)) return Number(value);
  const special = value.length < 10 ? SPECIAL_DOUBLES.get(value.toLowerCase()) : undefined;
  return special ?? new Fault('The text is no number');
}

/** `bool(x)` */
export function toBool(value: Value): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return refuse('bool', value);
  if (TRUE_TEXTS.has(value)) return true;
  return FALSE_TEXTS.has(value) ? false : new Fault('The text is no bool');
}

/** `timestamp(x)`: a string in RFC 3339, or seconds since 1970. */
export function convertToTimestamp(value: Value): Value {
  if (value instanceof Timestamp) return value;
  if (typeof value === 'string') return parseTimestamp(value);
  const seconds = toWholeNumber(value);
  return seconds === undefined ? refuse('timestamp', value) : toTimestamp(seconds * NANOS_PER_SECOND);
}

/** `duration(x)`: a string such as `1h30m`. */
export function convertToDuration(value: Value): Value {
  if (value instanceof Duration) return value;
  return typeof value === 'string' ? parseDuration(value) : refuse('duration', value);
}

/** `type(x)` */
export function toType(value: Value): Value {
  const kind = kindOf(value);
  return kind === undefined ? new Fault(`type() does not take ${nameKind(value)}`) : new TypeName(kind);
}

/** An int, or a double that is whole, as an int. */
export function toWholeNumber(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function doubleToText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function refuse(name: string, value: Value): Fault {
  return new Fault(`${name}() does not take ${nameKind(value)}`);
}
