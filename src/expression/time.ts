/** Moments and spans of time: reading, writing and their limits. Everything is UTC or a fixed offset, never a named zone. */
import { Duration, Fault, Timestamp } from './value.js';

const NANOS_PER_MILLI = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and the last nanosecond of the year 9999. */
const MIN_TIMESTAMP = -62_135_596_800n * NANOS_PER_SECOND;
const MAX_TIMESTAMP = 253_402_300_800n * NANOS_PER_SECOND - 1n;
const MAX_TEXT_CHARS = 64;

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
const OFFSET = /^([+-]?)(\d\d):(\d\d)$/;
const DURATION = /^([+-]?)((?:\d+(?:\.\d*)?(?:h|ms|m|s|us|µs|ns))+)$/;
const DURATION_PART = /(\d+)(?:\.(\d*))?(h|ms|m|s|us|µs|ns)/g;

const NANOS_PER_UNIT: Readonly<Record<string, bigint>> = {
  h: 3600n * NANOS_PER_SECOND,
  m: 60n * NANOS_PER_SECOND,
  s: NANOS_PER_SECOND,
  ms: NANOS_PER_MILLI,
  us: 1000n,
  µs: 1000n,
  ns: 1n,
};

/** A moment of the years 1 to 9999, or a fault. */
export function toTimestamp(nanos: bigint): Timestamp | Fault {
  if (nanos < MIN_TIMESTAMP || nanos > MAX_TIMESTAMP) return new Fault('The timestamp is out of range');
  return new Timestamp(nanos);
}

/** A span whose nanoseconds fit into 64 bits, which is some 292 years either way; or a fault. */
export function toDuration(nanos: bigint): Duration | Fault {
  return BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : new Fault('The duration is out of range');
}

/** Reads RFC 3339, such as `2026-11-21T06:00:00.5Z`. */
export function parseTimestamp(text: string): Timestamp | Fault {
  const match = text.length <= MAX_TEXT_CHARS ? TIMESTAMP.exec(text) : null;
  if (match === null) return badTimestamp();
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const date = new Date(0);
  // Not `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  // JavaScript lets the 31st of February flow over into March.
  if (date.toISOString().slice(0, 19) !== text.slice(0, 19).toUpperCase()) return badTimestamp();
  const offset = parseOffset(zone);
  if (offset === undefined) return badTimestamp();
  return toTimestamp(BigInt(date.getTime()) * NANOS_PER_MILLI + BigInt(fraction.padEnd(9, '0')) - offset);
}

/** Reads `1h30m`, `1.5s`, `-200ms`. */
export function parseDuration(text: string): Duration | Fault {
  const match = text.length <= MAX_TEXT_CHARS ? DURATION.exec(text) : null;
  if (match === null) return new Fault('The text is no duration such as "1h30m" or "1.5s"');
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(DURATION_PART)) {
    const perUnit = NANOS_PER_UNIT[unit] ?? 0n;
    nanos += BigInt(whole) * perUnit;
    if (fraction !== '') nanos += (BigInt(fraction) * perUnit) / 10n ** BigInt(fraction.length);
  }
  return toDuration(match[1] === '-' ? -nanos : nanos);
}

/** RFC 3339 in UTC, without needless zeros: `2026-11-21T06:00:00.5Z`. */
export function formatTimestamp(timestamp: Timestamp): string {
  const text = toDate(timestamp).toISOString().slice(0, 19);
  return `${text}${formatFraction(floorMod(timestamp.nanos, NANOS_PER_SECOND))}Z`;
}

/** Seconds, as in `5400s` and `1.5s`. */
export function formatDuration(duration: Duration): string {
  const nanos = duration.nanos < 0n ? -duration.nanos : duration.nanos;
  const sign = duration.nanos < 0n ? '-' : '';
  return `${sign}${nanos / NANOS_PER_SECOND}${formatFraction(nanos % NANOS_PER_SECOND)}s`;
}

/** The date of a moment to the millisecond, moved by an offset so that its UTC fields are local ones. */
export function toDate(timestamp: Timestamp, offset = 0n): Date {
  const nanos = timestamp.nanos + offset;
  return new Date(Number((nanos - floorMod(nanos, NANOS_PER_MILLI)) / NANOS_PER_MILLI));
}

/** Seconds since 1970, rounded down. */
export function toSeconds(timestamp: Timestamp): bigint {
  return (timestamp.nanos - floorMod(timestamp.nanos, NANOS_PER_SECOND)) / NANOS_PER_SECOND;
}

/** Reads `Z`, `UTC`, `+02:00`, `02:00` as nanoseconds; undefined for anything else, such as the name of a zone. */
export function parseOffset(text: string): bigint | undefined {
  if (text === 'Z' || text === 'z' || text === 'UTC') return 0n;
  const match = OFFSET.exec(text);
  if (match === null || Number(match[2]) > 23 || Number(match[3]) > 59) return undefined;
  const minutes = BigInt(Number(match[2]) * 60 + Number(match[3]));
  return (match[1] === '-' ? -minutes : minutes) * 60n * NANOS_PER_SECOND;
}

function formatFraction(nanos: bigint): string {
  return nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
}

function floorMod(value: bigint, divisor: bigint): bigint {
  return ((value % divisor) + divisor) % divisor;
}

function badTimestamp(): Fault {
  return new Fault('The text is no timestamp such as "2026-11-21T06:00:00Z"');
}
