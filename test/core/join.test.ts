import { describe, expect, test } from 'vitest';
import { judgeJoin, meetsRequirement } from '../../src/core/join.js';

describe('a join', () => {
  test.each([
    ['all', 3, 2, 0, 'open'],
    ['all', 3, 3, 0, 'met'],
    ['all', 0, 0, 0, 'met'],
    [1, 3, 0, 0, 'open'],
    [1, 3, 1, 1, 'met'],
    [1, 3, 2, 0, 'open'],
    [1, 3, 3, 0, 'impossible'],
    [2, 3, 2, 0, 'impossible'],
    [2, 3, 1, 0, 'open'],
    [5, 3, 3, 3, 'met'],
    [5, 3, 2, 2, 'open'],
    [5, 3, 3, 2, 'impossible'],
    [5, 0, 0, 0, 'met'],
    [0, 3, 0, 0, 'met'],
  ] as const)(
    'of %s with %i tasks, %i closed, %i completed is %s',
    (join, total, closed, completed, verdict) => {
      expect(judgeJoin(join, { total, closed, completed })).toBe(verdict);
    },
  );

  test.each([
    [undefined, 3, 0, true],
    ['all', 3, 2, false],
    ['all', 3, 3, true],
    [2, 3, 1, false],
    [2, 3, 2, true],
    [2, 1, 1, false],
    [1, 0, 0, true],
    ['all', 0, 0, true],
  ] as const)('requires %s of %i, %i completed: %s', (required, total, completed, meets) => {
    expect(meetsRequirement(required, { total, closed: total, completed })).toBe(meets);
  });
});
