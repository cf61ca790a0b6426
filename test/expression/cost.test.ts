import { describe, expect, it } from 'vitest';
import {
  evaluateExpression,
  ExpressionBudget,
  ExpressionFailure,
  MAX_VALUE_BYTES,
  MAX_VALUE_ELEMENTS,
  renderTemplate,
} from '../../src/expression/index.js';

const numbers = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);
const pairs = (depth: number): unknown => (depth === 0 ? 1 : [pairs(depth - 1), pairs(depth - 1)]);

const variables = {
  l60: numbers(60),
  l1k: numbers(1_000),
  l10k: numbers(10_000),
  rows: numbers(1_000).map((id) => ({ id, name: `row ${id}` })),
  words: numbers(10_000).map((id) => `word ${id}`),
  map: Object.fromEntries(numbers(10_000).map((id) => [`key ${id}`, id])),
  big: 'x'.repeat(200_000),
  emoji: '😀'.repeat(60_000),
  haystack: 'a'.repeat(64_000),
  needle: `${'a'.repeat(32_000)}b`,
  tree: pairs(14),
  tree2: pairs(14),
};
const scope = { variables: () => variables };

/** The nesting that a person would write to hold up a worker, with the reason that stops it. */
const HOSTILE: readonly (readonly [title: string, source: string, reason: RegExp])[] = [
  ['four nested macros', nest(['l60', 'l60', 'l60', 'l60'], 'true'), /^Cost of about/],
  ['three nested macros over long lists', nest(['l1k', 'l1k', 'l1k'], 'a + b + c >= 0'), /^Cost exceeds/],
  ['a string doubled', 'variables.big + variables.big', /exceeds the limit of 262144 bytes/],
  [
    'a string doubled over and over',
    doubling('"aaaaaaaa"', 'x + x', 40),
    /exceeds the limit of 262144 bytes/,
  ],
  ['lists put together', '[variables.l10k].map(l, l + l + l)', /exceeds the limit of 10000/],
  ['a list doubled over and over', doubling('[1]', '[x, x]', 30), /exceeds the limit of 262144 bytes/],
  [
    'maps built by the million',
    'variables.l1k.map(a, variables.l1k.map(b, variables.l1k.map(c, {"k": a})))',
    /^Cost/,
  ],
  ['many copies of one text', 'variables.l1k.map(x, variables.big)', /exceeds the limit of 262144 bytes/],
  ['many copies of one list', 'variables.l1k.map(x, variables.l10k)', /exceeds the limit of 262144 bytes/],
  ['faults, which cost as well', 'variables.l10k.exists(a, variables.l10k.exists(b, b.no == 1))', /^Cost/],
  ['membership in long lists', 'variables.words.all(w, w in variables.words)', /^Cost/],
  ['comparing big values', 'variables.l10k.all(x, variables.tree == variables.tree2)', /^Cost/],
  ['comparing maps', 'variables.l10k.all(x, variables.map == variables.map)', /^Cost/],
  ['counting characters', 'variables.l10k.all(x, size(variables.emoji) > 0)', /^Cost/],
  ['ordering long texts', 'variables.l10k.all(x, variables.emoji + "a" < variables.emoji + "b")', /^Cost/],
  [
    'searching long texts',
    'variables.l10k.exists(x, variables.haystack.contains(variables.needle))',
    /^Cost/,
  ],
  ['listing the keys of a map', 'variables.l10k.all(x, variables.map.all(k, true))', /^Cost/],
  ['reading dates', nest(['l1k', 'l1k'], 'timestamp("2026-11-21T06:00:00Z").getDayOfYear() > 0'), /^Cost/],
  ['converting numbers', nest(['l1k', 'l1k'], 'int(string(a)) * 3 >= 0'), /^Cost/],
];

function nest(lists: readonly string[], body: string): string {
  const names = ['a', 'b', 'c', 'd'];
  return lists.reduceRight((inner, list, index) => `variables.${list}.all(${names[index]}, ${inner})`, body);
}

function doubling(seed: string, body: string, times: number): string {
  return `[${seed}]${`.map(x, ${body})`.repeat(times)}`;
}

function reasonOf(source: string): string {
  try {
    evaluateExpression(source, scope, new ExpressionBudget());
  } catch (error) {
    if (error instanceof ExpressionFailure) return error.reason;
    throw error;
  }
  return 'no failure';
}

/** Milliseconds of processor time, the least of some runs: a shared machine takes turns away from any of them. */
function cpuTimeOf(run: () => unknown): number {
  const times = numbers(3).map(() => {
    const start = process.cpuUsage();
    run();
    return process.cpuUsage(start).user / 1_000;
  });
  return Math.min(...times);
}

describe('a hostile expression is stopped', () => {
  it.each(HOSTILE)('%s', (_, source, reason) => {
    expect(reasonOf(source)).toMatch(reason);
  });

  // Mostly 5 to 30 ms; the loader of the tests and a busy machine each make up to twice that.
  it.each(HOSTILE)('in less than 100 ms: %s', (_, source) => {
    expect(cpuTimeOf(() => reasonOf(source))).toBeLessThan(100);
  });
});

describe('what an event may spend', () => {
  it('is shared by all its expressions', () => {
    const budget = new ExpressionBudget(1_000);
    const source = 'variables.l60.all(x, x >= 0)';
    evaluateExpression(source, scope, budget);
    const once = budget.spent;
    expect(once).toBeGreaterThan(60);
    evaluateExpression(source, scope, budget);
    expect(budget.spent).toBe(2 * once);
    expect(() => [1, 2, 3, 4].map(() => evaluateExpression(source, scope, budget))).toThrow(
      'Cost exceeds the 1000 units that the expressions of one event may spend [expression=variables.l60',
    );
  });

  it('cannot be caught by what absorbs other failures', () => {
    const source = '(variables.l1k.all(x, x >= 0) && false) || true';
    expect(() => evaluateExpression(source, scope, new ExpressionBudget(100))).toThrow('Cost exceeds');
  });

  it('is enough for what people write', () => {
    const budget = new ExpressionBudget();
    evaluateExpression(
      'variables.l1k.filter(x, x % 2 == 0).map(x, {"id": x, "name": string(x)})',
      scope,
      budget,
    );
    expect(budget.spent).toBeLessThan(100_000);
    evaluateExpression('variables.l60.all(a, variables.l60.exists(b, a == b))', scope, budget);
    expect(budget.spent).toBeLessThan(150_000);
  });

  it('grows with the real sizes', () => {
    const spent = (source: string): number => {
      const budget = new ExpressionBudget();
      evaluateExpression(source, scope, budget);
      return budget.spent;
    };
    expect(spent('variables.l10k.all(x, x >= 0)') / spent('variables.l1k.all(x, x >= 0)')).toBeCloseTo(10, 1);
    expect(spent('size(variables.big)')).toBeGreaterThan(12_000);
    expect(spent('variables.big')).toBeGreaterThan(12_000);
  });

  it('does not depend on what was evaluated or measured before', () => {
    const fresh = { v: () => ({ rows: numbers(500).map((id) => ({ id })) }) };
    const value = fresh.v();
    const first = new ExpressionBudget();
    const second = new ExpressionBudget();
    evaluateExpression('v.rows', { v: () => value }, first);
    evaluateExpression('v.rows', { v: () => value }, second);
    expect(second.spent).toBe(first.spent);
  });

  it('is spent by templates too', () => {
    const budget = new ExpressionBudget(2_000);
    expect(() => renderTemplate('a ${variables.l10k}', scope, budget)).toThrow('Cost exceeds');
  });
});

describe('a value made by an expression', () => {
  it(`has at most ${MAX_VALUE_ELEMENTS} elements`, () => {
    expect(reasonOf('variables.l10k.map(x, x)')).toBe('no failure');
    expect(reasonOf('variables.l10k + [1]')).toBe('A list of 10001 elements exceeds the limit of 10000');
  });

  it(`has at most ${MAX_VALUE_BYTES} bytes`, () => {
    const text = (length: number): unknown =>
      evaluateExpression('v', { v: () => 'x'.repeat(length) }, new ExpressionBudget());
    expect(text(MAX_VALUE_BYTES - 2)).toHaveLength(MAX_VALUE_BYTES - 2);
    expect(() => text(MAX_VALUE_BYTES - 1)).toThrow('The value exceeds the limit of 262144 bytes');
  });
});

describe('an expression in use', () => {
  it('takes some microseconds after its first use', () => {
    const data = { score: 0.9, tags: ['a', 'b', 'x'] };
    const use = { variables: () => data };
    const runs = 10_000;
    const evaluateMany = (): void => {
      const budget = new ExpressionBudget();
      for (let run = 0; run < runs; run++) {
        evaluateExpression('variables.score >= 0.8 && "x" in variables.tags', use, budget);
      }
    };
    // 1 µs where the machine is idle.
    expect((cpuTimeOf(evaluateMany) / runs) * 1_000).toBeLessThan(10);
  });
});
