import { describe, expect, test } from 'vitest';
import { describeRange, isInRange, NUMBER_RANGES } from '../../src/json/number-ranges.js';

describe('a range', () => {
  test.each([
    [NUMBER_RANGES.max_parallel, [1, 500], [0, 501, 1.5, Number.NaN, '1', null]],
    [NUMBER_RANGES.seconds, [0.001, 3_155_760_000], [0, -1, 3_155_760_001, Infinity]],
    [NUMBER_RANGES.join, [0, 12], [-1, 0.5, 'all', 2 ** 53]],
  ])('%o', (range, good, bad) => {
    expect(good.filter((value) => !isInRange(value, range))).toEqual([]);
    expect(bad.filter((value) => isInRange(value, range))).toEqual([]);
  });

  test('in words', () => {
    expect(describeRange(NUMBER_RANGES.seconds)).toBe('a number of seconds above 0 to 3155760000');
    expect(describeRange(NUMBER_RANGES.dollars)).toBe('a number above 0');
    expect(describeRange(NUMBER_RANGES.join)).toBe('all, any or a whole number from 0');
  });
});
