import { describe, expect, it } from 'vitest';
import { findMisses, withReach } from '../../bench/reach.js';

describe('the reach of the bench', () => {
  it('says beside a figure which bound it has and whether it is kept', () => {
    const section = withReach(
      { throughput_ratio: 0.94, p50_ratio: 1.1 },
      { throughput_ratio: { at_least: 0.95 }, p50_ratio: { at_most: 1.1 } },
    );
    expect(section).toEqual({
      throughput_ratio: 0.94,
      p50_ratio: 1.1,
      reach: { throughput_ratio: { at_least: 0.95, pass: false }, p50_ratio: { at_most: 1.1, pass: true } },
    });
  });

  it('finds misses at any depth, by the path of their figure', () => {
    const miss = withReach({ memory_ratio: 1.4 }, { memory_ratio: { at_most: 1.3 } });
    const hit = withReach({ throughput_ratio: 1 }, { throughput_ratio: { at_least: 0.95 } });
    expect(findMisses({ a: { update: miss, signal: hit }, plain: 3, none: null })).toEqual([
      'a.update.memory_ratio',
    ]);
  });

  it('counts a figure that is no number as a miss', () => {
    const section = withReach({ memory_ratio: Number.NaN }, { memory_ratio: { at_most: 1.3 } });
    expect(findMisses(section)).toEqual(['memory_ratio']);
  });
});
