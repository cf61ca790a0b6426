import { describe, expect, it } from 'vitest';
import {
  evaluateExpression,
  evaluateExpressionMap,
  ExpressionBudget,
  ExpressionFailure,
} from '../../src/expression/index.js';
import type { Scope } from '../../src/expression/index.js';
import type { Json } from '../../src/json/json.js';

const variables = {
  score: 0.9,
  count: 7,
  i: 1,
  tags: ['a', 'x', 'y'],
  name: 'Bob',
  none: null,
  m: { a: { b: 1 }, 'x-y': 2 },
  rows: [{ id: 1, done: true }, { id: 2 }],
};

function evaluate(source: string, scope: Scope = { variables: () => variables, trigger: () => ({}) }): Json {
  return evaluateExpression(source, scope, new ExpressionBudget());
}

function failureOf(source: string, scope?: Scope): ExpressionFailure {
  try {
    evaluate(source, scope);
  } catch (error) {
    if (error instanceof ExpressionFailure) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
}

describe('an expression yields', () => {
  const table: readonly (readonly [source: string, value: Json])[] = [
    ['variables.score >= 0.8 && "x" in variables.tags', true],
    ['variables', variables],
    // Numbers of JSON are doubles: they mix with ints, and are never cut.
    ['variables.count + 1', 8],
    ['1 + variables.count', 8],
    ['variables.count / 2', 3.5],
    ['7 / 2', 3],
    ['variables.count % 2 == 1', true],
    ['-variables.count % 2', -1],
    ['variables.count * 2 - 0.5', 13.5],
    ['[1, 2][variables.i]', 2],
    ['{1: "one"}[variables.i]', 'one'],
    ['int(variables.score * 10.0)', 9],
    ['size(variables.tags) / 2', 1],
    // Equality looks at values, not at types.
    ['1 == 1.0', true],
    ['[1, {"a": 2}] == [1.0, {"a": 2.0}]', true],
    ['1 in [1.0]', true],
    ['variables.count == 7', true],
    ['"1" == 1', false],
    ['variables.none == null', true],
    ['variables.m == {"x-y": 2, "a": {"b": 1}}', true],
    // Optionals
    ['variables.?x.orValue("")', ''],
    ['variables.?name.orValue("")', 'Bob'],
    ['trigger.?decision.orValue("") == "stop"', false],
    ['variables.?m.a.?b.orValue(0)', 1],
    ['variables.?gone.deeper.orValue(0)', 0],
    ['variables.?none.?deeper.orValue(0)', 0],
    ['variables.tags[?9].orValue("none")', 'none'],
    ['variables.m[?"x-y"].hasValue()', true],
    ['variables.?x.or(variables.?name).value()', 'Bob'],
    ['variables.?count.optMap(n, n + 1).orValue(0)', 8],
    ['variables.?m.optFlatMap(m, m.?zzz).hasValue()', false],
    ['variables.?name', 'Bob'],
    ['optional.of(null).value()', null],
    // Macros and size
    ['variables.rows.all(r, r.id > 0)', true],
    ['variables.rows.exists(r, has(r.done) && r.done)', true],
    ['variables.rows.exists_one(r, r.id == 2)', true],
    ['variables.rows.map(r, r.id)', [1, 2]],
    ['variables.rows.map(r, has(r.done), r.id)', [1]],
    ['variables.rows.filter(r, !has(r.done))', [{ id: 2 }]],
    ['variables.m.map(k, k)', ['a', 'x-y']],
    [
      '[1, 2].map(x, [x, 10].map(x, x * 2))',
      [
        [2, 20],
        [4, 20],
      ],
    ],
    ['size(variables.tags)', 3],
    ['variables.tags.size()', 3],
    ['variables.m.size()', 2],
    ['size("héé😀")', 4],
    // What one side decides, the other cannot spoil.
    ['variables.gone == 1 || true', true],
    ['variables.gone == 1 && false', false],
    ['variables.rows.exists(r, r.done)', true],
    // Strings
    ['"a" + string(1) + string(1.5) + string(true)', 'a11.5true'],
    ['"😀" > "\uffff"', true],
    ['variables.name.startsWith("B") && variables.name.contains("o") && variables.name.endsWith("b")', true],
    ['int("12") + 1', 13],
    // Times leave as text.
    ['timestamp("2026-11-21T06:00:00.5+02:00") + duration("1h30m")', '2026-11-21T05:30:00.5Z'],
    ['timestamp("2026-11-21T23:00:00Z").getHours("+02:00")', 1],
    ['duration("90m")', '5400s'],
    ['duration("-1.5s")', '-1.5s'],
    ['timestamp("2026-01-02T00:00:00Z") - timestamp("2026-01-01T00:00:00Z") == duration("24h")', true],
    ['timestamp("2024-12-31T00:00:00Z").getDayOfYear()', 365],
    // Forms
    ['${variables.count}', 7],
    [' ${ {"a": "}"}.a } ', '}'],
    ['variables.m["x-y"] // a comment', 2],
    ['{"a": 1, "b": {"c": [1, 2.5]}}', { a: 1, b: { c: [1, 2.5] } }],
    ['{1: "a", true: "b"}', { '1': 'a', true: 'b' }],
    ['type(variables.count) == double && type(1) == int', true],
    ['0.0 * -1.0', 0],
    ['-9007199254740991', -9007199254740991],
  ];

  it.each(table)('%s', (source, value) => {
    expect(evaluate(source)).toStrictEqual(value);
  });
});

describe('an expression fails with the reason for', () => {
  const table: readonly (readonly [source: string, reason: string])[] = [
    ['variables.foo', 'No such key: foo'],
    ['variables.m.a.zzz', 'No such key: zzz'],
    ['has(variables.zzz.a)', 'No such key: zzz'],
    ['variables.tags[3]', 'Index 3 is out of range: the list has 3 elements'],
    ['variables.tags[-1]', 'Index -1 is out of range: the list has 3 elements'],
    ['variables.tags[0.5]', 'A list is indexed by a whole number, not by double'],
    ['variables.name.x', 'x cannot be read from string'],
    ['nothing.x', 'Unknown name: nothing'],
    ['"a" + 1', '+ does not take string and int; convert with string(…)'],
    ['"a" < 1', '< does not compare string with int'],
    ['1 && true', '&& takes bools, not int'],
    ['variables.name ? 1 : 2', 'A condition must be a bool, not string'],
    ['variables.tags.all(t, t)', 'The condition of all() must be a bool, not string'],
    ['1 / 0', 'Division by zero'],
    ['variables.count % 0', 'Modulus by zero'],
    ['variables.score % 2', '% takes whole numbers'],
    ['9223372036854775807 + 1', 'The int does not fit into 64 bits'],
    ['1.0 / 0.0', 'Infinity is not JSON'],
    ['[0.0 / 0.0]', 'NaN is not JSON'],
    [
      '9007199254740993',
      'The int 9007199254740993 is beyond 2^53 and would lose digits; convert with string(…)',
    ],
    ['variables.?x', 'The optional has no value; end with .orValue(default)'],
    ['variables.rows.map(r, r.done)', 'No such key: done'],
    ['size(1)', 'size() does not take int'],
    ['timestamp("yesterday")', 'The text is no timestamp such as "2026-11-21T06:00:00Z"'],
    ['timestamp("2026-02-30T00:00:00Z")', 'The text is no timestamp such as "2026-11-21T06:00:00Z"'],
    ['double("constructor")', 'The text is no number'],
    ['{"a": 1, "a": 2}', 'A key of a map stands twice'],
    ['{1: 1, "1": 2}', 'The key 1 stands twice in a map'],
    ['a = b', 'Unexpected "="'],
  ];

  it.each(table)('%s', (source, reason) => {
    const failure = failureOf(source);
    expect(failure.reason).toBe(reason);
    expect(failure.expression).toBe(source);
    expect(failure.message).toBe(`${reason} [expression=${source}]`);
  });

  it('a value nested too deep', () => {
    const nested = `${'['.repeat(65)}1${']'.repeat(65)}`;
    expect(failureOf(nested).reason).toBe('The value is nested deeper than 64 levels');
  });

  it('data, without showing any of it', () => {
    const secret = { token: 'hunter2', list: ['hunter2'] };
    for (const source of [
      'v.foo',
      'v.list.foo',
      'v.token + 1',
      'v.list[9]',
      'v.token.all(x, x)',
      'int(v.token)',
    ]) {
      expect(failureOf(source, { v: () => secret }).message).not.toContain('hunter2');
    }
  });
});

describe('the scope of an expression', () => {
  it('is read only where the expression refers to it, and once', () => {
    const calls: string[] = [];
    const scope: Scope = {
      variables: () => (calls.push('variables'), { a: 1 }),
      none: () => (calls.push('none'), null),
      unused: () => (calls.push('unused'), {}),
    };
    evaluate('variables.a + variables.a == 2 && none == null && none == null && (true || unused.x)', scope);
    expect(calls).toEqual(['variables', 'none']);
  });

  it('may hold maps without a prototype', () => {
    const map = Object.assign(Object.create(null) as object, { a: 1 });
    expect(evaluate('v.a', { v: () => map })).toBe(1);
  });

  it('is not changed, and what is handed on is the same object', () => {
    expect(evaluate('variables.m')).toBe(variables.m);
  });
});

describe('a map of expressions', () => {
  it('evaluates strings at any depth and keeps the rest', () => {
    const map = { n: 'variables.count', list: ['1 + 1', 3, null], deep: { flag: true, s: '"text"' } };
    const result = evaluateExpressionMap(map, { variables: () => variables }, new ExpressionBudget());
    expect(result).toEqual({ n: 7, list: [2, 3, null], deep: { flag: true, s: 'text' } });
  });

  it('names the expression that failed', () => {
    const run = (): Json =>
      evaluateExpressionMap({ a: ['1', 'v.gone'] }, { v: () => ({}) }, new ExpressionBudget());
    expect(run).toThrow('No such key: gone [expression=v.gone]');
  });
});
