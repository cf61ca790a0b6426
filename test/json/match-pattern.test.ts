import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchPattern } from '../../src/json/match-pattern.js';

function matches(source: string, text: string): boolean {
  return matchPattern(compilePattern(source), text, () => undefined);
}

function countSteps(source: string, text: string): number {
  let steps = 0;
  matchPattern(compilePattern(source), text, (count) => (steps += count));
  return steps;
}

describe('a pattern', () => {
  it.each([
    ['^[A-Z]{2,10}-\\d+$', ['AB-1', 'ABCDEFGHIJ-123'], ['A-1', 'ab-1', 'AB-', 'AB-1\n']],
    ['^\\S+@\\S+\\.\\w{2,}$', ['a@b.de'], ['a@b', 'a b@c.de']],
    ['a|bc|', ['', 'x'], []],
    ['^(a|bc)$', ['a', 'bc'], ['', 'abc']],
    ['^(?:ab)*$', ['', 'abab'], ['aba']],
    ['^(?<year>\\d{4})$', ['2025'], ['25']],
    ['^a.c$', ['abc', 'a😀c'], ['a\nc', 'ac']],
    ['^[^a-c]$', ['d', '😀'], ['b', 'dd']],
    ['^[\\w-]+$', ['a-b_1'], ['a b']],
    ['^[^\\s\\d]$', ['x'], [' ', '1']],
    ['^[\\D]$', ['x'], ['1']],
    ['\\bfoo\\b', ['a foo b'], ['food']],
    ['\\Boo', ['foo'], ['oo']],
    ['^\\u0041\\u{1F600}\\x42\\t$', ['A😀B\t'], ['A']],
    ['^[一-鿿]+$', ['流程'], ['flow']],
    ['^\\$\\{x\\}\\/\\.$', ['${x}/.'], ['x']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{2,}?$', ['aa', 'aaaa'], ['a']],
    ['', ['', 'x'], []],
    ['^(a*)*$', ['', 'aaa'], ['b']],
    ['^[]$', [], ['', 'a']],
    ['^[^]$', ['a'], ['']],
  ])('%s matches what it matches in JavaScript', (source, fitting, others) => {
    const expression = new RegExp(source, 'u');
    for (const text of fitting)
      expect([text, matches(source, text), expression.test(text)]).toEqual([text, true, true]);
    for (const text of others)
      expect([text, matches(source, text), expression.test(text)]).toEqual([text, false, false]);
  });

  it.each([
    ['(?=x)', 'lookaround'],
    ['(?<!x)y', 'lookaround'],
    ['(?i)x', 'flags'],
    ['(a)\\1', 'back references'],
    ['\\p{L}', 'not supported'],
    ['(', 'closed'],
    [')', 'closes nothing'],
    ['[a', 'ends too early'],
    ['[b-a]', 'out of order'],
    ['[\\d-z]', 'out of order'],
    ['*a', 'repeats nothing'],
    ['a{2,1}', 'out of order'],
    ['a{1001}', '1000'],
    ['{', '\\{'],
    ['^*', 'anchor'],
    ['\\q', 'not supported'],
    ['\\', 'ends too early'],
    ['\\u12', 'hexadecimal'],
    ['((a{100}){100}){100}', 'too large'],
    ['('.repeat(100) + ')'.repeat(100), 'too deep'],
    ['a'.repeat(1_001), '1000 characters'],
  ])('is refused with its reason: %s', (source, reason) => {
    expect(() => compilePattern(source)).toThrow(reason);
  });

  it('takes time in proportion to the text, where backtracking takes for ever', () => {
    for (const source of ['(a+)+$', '(a|a)*b', '(a*)*c', '^(([a-z])+.)+[A-Z]([a-z])+$', '(x+x+)+y']) {
      const short = countSteps(source, 'ax'.repeat(500));
      const long = countSteps(source, 'ax'.repeat(5_000));
      expect(long / short).toBeLessThan(11);
    }
    expect(countSteps('[ab]*a[ab]{200}x', 'ab'.repeat(5_000))).toBeLessThan(10_000 * 420);
  });

  it('agrees with JavaScript on random patterns', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '\\W',
      '1',
      '-',
      '\\.',
      '\\s',
      ' ',
    );
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?');
    const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
      piece: fc.oneof(
        { depthSize: 'small' },
        fc.tuple(atom, quantifier).map((parts) => parts.join('')),
        fc.constantFrom('^', '$', '\\b', '\\B'),
        fc.tuple(tie('pattern'), quantifier).map(([inner, times]) => `(?:${inner})${times}`),
        fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `(${left}|${right})`),
      ),
      pattern: fc.array(tie('piece'), { maxLength: 4 }).map((parts) => parts.join('')),
    }));
    const text = fc.array(fc.constantFrom('a', 'b', '1', '-', '.', ' ', '\n', 'é', '😀'), { maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, parts) => {
        const joined = parts.join('');
        expect(matches(source, joined)).toBe(new RegExp(source, 'u').test(joined));
      }),
      { seed: 20_251_121, numRuns: 3_000 },
    );
  });
});
