import { describe, expect, it } from 'vitest';
import { median, percentile, rounded } from '../../bench/statistics.js';

describe('statistics of the bench', () => {
  it('takes the middle value of an odd number of values, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('takes the mean of the two middle values of an even number', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });

  it('takes percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
    expect(percentile([7], 0.01)).toBe(7);
  });

  it('refuses to make a figure of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  it('keeps four significant digits', () => {
    expect([rounded(123456), rounded(0.98765), rounded(-1.23456)]).toEqual([123500, 0.9877, -1.235]);
  });
});
