/**
 * The numbers that a definition's fields take, each range once: the schema holds literals to it, the interpreter what
 * `${…}` gives there.
 */

/** Bounds of a number, and words that may stand in its place. */
export interface NumberRange<Word extends string = never> {
  readonly min?: number;
  /** Lower bound that is not in the range itself. */
  readonly above?: number;
  readonly max?: number;
  readonly isWhole?: boolean;
  readonly unit?: string;
  readonly words?: readonly Word[];
}

/** Longest duration: a hundred years, which is what Temporal's timers take. */
const MAX_SECONDS = 3_155_760_000;

export const NUMBER_RANGES = {
  seconds: { above: 0, max: MAX_SECONDS, unit: 'seconds' },
  /** Whatever there is at least one of: visits, tokens, children. */
  count: { min: 1, isWhole: true },
  dollars: { above: 0 },
  automation: { min: 0, max: 100, isWhole: true },
  max_parallel: { min: 1, max: 500, isWhole: true },
  max_attempts: { min: 1, max: 1_000, isWhole: true },
  backoff: { min: 1, max: 100 },
  join: { min: 0, isWhole: true, words: ['all', 'any'] },
  require: { min: 1, isWhole: true, words: ['all'] },
} as const satisfies Readonly<Record<string, NumberRange<string>>>;

/** Whether a value is a number of this range. */
export function isInRange(value: unknown, range: NumberRange<string>): value is number {
  const { min = -Infinity, above = -Infinity, max = Infinity, isWhole = false } = range;
  if (typeof value !== 'number' || (isWhole && !Number.isSafeInteger(value))) return false;
  return value >= min && value > above && value <= max;
}

/** A range in words, such as `a whole number from 1 to 500`. */
export function describeRange(range: NumberRange<string>): string {
  const { min, above, max, isWhole = false, unit, words = [] } = range;
  const bounds = [
    ...(min === undefined ? [] : [`from ${min}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(max === undefined ? [] : [`to ${max}`]),
  ];
  const kind = isWhole ? 'a whole number' : 'a number';
  const number = [kind, ...(unit === undefined ? [] : [`of ${unit}`]), ...bounds].join(' ');
  return words.length === 0 ? number : `${words.join(', ')} or ${number}`;
}
