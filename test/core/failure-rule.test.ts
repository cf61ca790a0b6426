import { describe, expect, test } from 'vitest';
import { matchesError, selectRule } from '../../src/core/failure-rule.js';

describe('patterns of error types', () => {
  test.each([
    ['HttpError', 'HttpError', true],
    ['HttpError', 'HttpErrors', false],
    ['Http*', 'HttpError', true],
    ['Http*', 'Http', true],
    ['Http*', 'MyHttp', false],
    ['*Error', 'HttpError', true],
    ['*Error', 'ErrorX', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['A*B*C', 'AxxByyC', true],
    ['A*B*C', 'ABC', true],
    ['A*B*C', 'AC', false],
    ['A*B*C', 'AxxCyyB', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*b*', 'abc', true],
    ['*b*', 'ac', false],
    ['a.b', 'axb', false],
    ['**', 'x', true],
  ])('%s fits %s: %s', (pattern, type, fits) => {
    expect(matchesError([pattern], type)).toBe(fits);
  });

  test('no patterns fit every error, an empty list none', () => {
    expect(matchesError(undefined, 'X')).toBe(true);
    expect(matchesError([], 'X')).toBe(false);
  });

  test('the first rule that fits is chosen', () => {
    const rules = [{ errors: ['A'], goto: 'a' }, { errors: ['A', 'B*'], goto: 'b' }, { goto: 'c' }];
    expect(['A', 'Bx', 'Z'].map((type) => selectRule(rules, type)?.goto)).toEqual(['a', 'b', 'c']);
    expect(selectRule(rules.slice(0, 1), 'Z')).toBeUndefined();
  });

  test('many stars over a long type take no time', () => {
    const before = performance.now();
    expect(matchesError(['*a'.repeat(60)], `${'a'.repeat(50)}b`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(50);
  });
});
