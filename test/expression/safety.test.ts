import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  evaluateExpression,
  evaluateExpressionMap,
  ExpressionBudget,
  ExpressionFailure,
  renderTemplate,
} from '../../src/expression/index.js';
import type { Json } from '../../src/json/json.js';
import { dataArbitrary, expressionArbitrary } from './generate-expression.js';

const KEYS = ['__proto__', 'constructor', 'prototype'];

function evaluate(source: string, variables: unknown = { key: 'x', list: [1] }): Json {
  return evaluateExpression(source, { variables: () => variables }, new ExpressionBudget());
}

function outcome(source: string, variables: Json): string {
  try {
    return JSON.stringify(evaluate(source, variables));
  } catch (error) {
    if (error instanceof ExpressionFailure) return `failure: ${error.message}`;
    throw error;
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

describe('no expression reaches a prototype', () => {
  afterEach(() => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  const accesses = KEYS.flatMap((key) => [
    `variables.${key}`,
    `variables.?${key}`,
    `variables.?${key}.orValue({}).polluted`,
    `variables["${key}"]`,
    `variables[?"${key}"]`,
    `variables["${key.slice(0, 3)}" + "${key.slice(3)}"]`,
    `variables[?"${key.slice(0, 3)}" + "${key.slice(3)}"].hasValue()`,
    `"${key.slice(0, 3)}" + "${key.slice(3)}" in variables`,
    `has(variables.${key})`,
    `has(variables.list.${key})`,
    `variables.list.${key}`,
    `"text".${key}`,
    `{"${key}": {"polluted": 1}}`,
    `{"${key.slice(0, 3)}" + "${key.slice(3)}": {"polluted": 1}}`,
    `["${key}"].map(k, variables[k])`,
    `["${key}"].map(k, {k: 1})`,
    `variables.${key}.${key}.polluted`,
    key,
  ]);

  it.each(accesses)('%s', (source) => {
    expect(() => evaluate(source)).toThrow(ExpressionFailure);
  });

  it.each(['toString', 'valueOf', 'hasOwnProperty', 'length', '__defineGetter__', '__lookupGetter__'])(
    'not through inherited %s either',
    (key) => {
      expect(() => evaluate(`variables.${key}`)).toThrow(`No such key: ${key}`);
      expect(evaluate(`has(variables.${key})`)).toBe(false);
      expect(evaluate(`"${key}" in variables`)).toBe(false);
      expect(evaluate(`variables[?"${key}"].hasValue()`)).toBe(false);
      expect(() => evaluate(key)).toThrow(`Unknown name: ${key}`);
      expect(() => evaluate(`variables.list.${key}`)).toThrow(ExpressionFailure);
    },
  );

  it('where such a key stands in the data itself', () => {
    const data: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}');
    expect(() => evaluate('variables["__pro" + "to__"]', data)).toThrow('The key __proto__ is not allowed');
    expect(evaluate('variables.map(k, k)', data)).toEqual(['a']);
    expect(evaluate('size(variables)', data)).toBe(1);
  });

  it('through the keys of maps of expressions and of templates', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": "1"}}') as Json;
    expect(() => evaluateExpressionMap(hostile, {}, new ExpressionBudget())).toThrow(
      'The key __proto__ is not allowed',
    );
    expect(() => renderTemplate(hostile, {}, new ExpressionBudget())).toThrow(
      'The key __proto__ is not allowed',
    );
  });
});

describe('a generated expression', () => {
  it('yields the same for the same data, and leaves frozen data as it was', () => {
    const property = fc.property(expressionArbitrary(), dataArbitrary(), ({ ours }, data) => {
      const copy = JSON.parse(JSON.stringify(data)) as Json;
      freeze(data);
      const first = outcome(ours, data);
      expect(outcome(ours, data)).toBe(first);
      expect(outcome(ours, copy)).toBe(first);
      expect(data).toEqual(copy);
    });
    fc.assert(property, { numRuns: 1_000, seed: 3 });
  });

  it('costs the same for the same data', () => {
    const property = fc.property(expressionArbitrary(), dataArbitrary(), ({ ours }, data) => {
      const spent = [1, 2].map(() => {
        const budget = new ExpressionBudget();
        try {
          evaluateExpression(ours, { variables: () => data }, budget);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionFailure);
        }
        return budget.spent;
      });
      expect(spent[0]).toBe(spent[1]);
    });
    fc.assert(property, { numRuns: 500, seed: 4 });
  });

  it('leaves as JSON that reads back as it was written', () => {
    const property = fc.property(expressionArbitrary(), dataArbitrary(), ({ ours }, data) => {
      const text = outcome(ours, data);
      fc.pre(!text.startsWith('failure'));
      expect(evaluate(ours, data)).toStrictEqual(JSON.parse(text));
    });
    fc.assert(property, { numRuns: 500, seed: 5 });
  });
});

describe('what is remembered of expressions', () => {
  it('is bounded and never changes a result', () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 3_000; n++) expect(evaluate(`${n} + 1`)).toBe(n + 1);
    }
  });
});
