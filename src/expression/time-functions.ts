/** `getFullYear()` and the like, of moments in UTC or at a fixed offset, and of spans of time. */
import type { FunctionFacts } from './functions.js';
import { COST } from './limits.js';
import { parseOffset, toDate } from './time.js';
import { Duration, Fault, nameKind, Timestamp } from './value.js';
import type { Value } from './value.js';

const NANOS_PER_SECOND = 1_000_000_000n;
const MS_PER_DAY = 86_400_000;

type OfDate = (date: Date) => number;
type OfDuration = (nanos: bigint) => bigint;

/** Each takes a zone as its second argument. */
export const TIME_FUNCTIONS: Readonly<Record<string, FunctionFacts>> = {
  getFullYear: accessor('getFullYear', (date) => date.getUTCFullYear()),
  getMonth: accessor('getMonth', (date) => date.getUTCMonth()),
  getDate: accessor('getDate', (date) => date.getUTCDate()),
  getDayOfMonth: accessor('getDayOfMonth', (date) => date.getUTCDate() - 1),
  getDayOfWeek: accessor('getDayOfWeek', (date) => date.getUTCDay()),
  getDayOfYear: accessor('getDayOfYear', dayOfYear),
  getHours: accessor(
    'getHours',
    (date) => date.getUTCHours(),
    (nanos) => nanos / (3600n * NANOS_PER_SECOND),
  ),
  getMinutes: accessor(
    'getMinutes',
    (date) => date.getUTCMinutes(),
    (nanos) => nanos / (60n * NANOS_PER_SECOND),
  ),
  getSeconds: accessor(
    'getSeconds',
    (date) => date.getUTCSeconds(),
    (nanos) => nanos / NANOS_PER_SECOND,
  ),
  getMilliseconds: accessor(
    'getMilliseconds',
    (date) => date.getUTCMilliseconds(),
    (nanos) => (nanos % NANOS_PER_SECOND) / 1_000_000n,
  ),
};

function accessor(name: string, ofDate: OfDate, ofDuration?: OfDuration): FunctionFacts {
  return {
    usage: `time.${name}() or time.${name}("+02:00")`,
    methodArity: [1, 2],
    cost: COST.time,
    call: ([time = null, zone]) => {
      if (time instanceof Timestamp) return ofTimestamp(time, zone, ofDate);
      if (time instanceof Duration && ofDuration !== undefined && zone === undefined) {
        return ofDuration(time.nanos);
      }
      return new Fault(`${name}() does not take ${nameKind(time)}`);
    },
  };
}

function ofTimestamp(time: Timestamp, zone: Value | undefined, ofDate: OfDate): Value {
  const offset = zone === undefined ? 0n : typeof zone === 'string' ? parseOffset(zone) : undefined;
  if (offset === undefined) return new Fault('A time zone is a fixed offset such as "+02:00", or "UTC"');
  return BigInt(ofDate(toDate(time, offset)));
}

function dayOfYear(date: Date): number {
  const newYear = new Date(date);
  newYear.setUTCMonth(0, 1);
  return Math.round((date.getTime() - newYear.getTime()) / MS_PER_DAY);
}
