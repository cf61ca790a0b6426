import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJson } from '../../src/json/check-json.js';

class Point {
  readonly x = 1;
}

function nest(levels: number): unknown {
  return levels === 0 ? 1 : [nest(levels - 1)];
}

describe('checking a value from outside', () => {
  it('takes whatever JSON.parse gives, but for forbidden keys and numbers that lose digits', () => {
    const isKept = (number: number): boolean => !Number.isInteger(number) || Number.isSafeInteger(number);
    const scalar = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true }).filter(isKept),
    );
    const key = fc.string().filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, scalar, fc.array(tie('value')), fc.dictionary(key, tie('value'))),
    }));
    fc.assert(
      fc.property(value, (json) => {
        expect(checkJson(JSON.parse(JSON.stringify(json)))).toBeNull();
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  const refused: readonly (readonly [value: unknown, found: string])[] = [
    [undefined, 'value: undefined is not JSON'],
    [() => 1, 'value: function is not JSON'],
    [Symbol('s'), 'value: symbol is not JSON'],
    [1n, 'value: bigint is not JSON'],
    [NaN, 'value: NaN is not JSON'],
    [{ a: [1, -Infinity] }, 'a[1]: -Infinity is not JSON'],
    [{ a: { b: undefined } }, 'a.b: undefined is not JSON'],
    [
      [[2 ** 53]],
      '[0][0]: the whole number 9007199254740992 is beyond 2^53 and would lose digits; send it as a string',
    ],
    [JSON.parse('{"a": {"__proto__": 1}}'), 'a.__proto__: the key __proto__ is not allowed'],
    [{ a: [{ constructor: 1 }] }, 'a[0].constructor: the key constructor is not allowed'],
    [{ prototype: {} }, 'prototype: the key prototype is not allowed'],
    [{ bytes: new Uint8Array(2) }, 'bytes: Uint8Array is not a plain object'],
    [{ at: new Date(0) }, 'at: Date is not a plain object'],
    [new Map(), 'value: Map is not a plain object'],
    [new Point(), 'value: Object is not a plain object'],
    [Object.create({ inherited: 1 }), 'value: Object is not a plain object'],
    [{ [Symbol('s')]: 1 }, 'value: a symbol as a key is not JSON'],
    [[1, , 2], '[1]: undefined is not JSON'],
  ];

  it.each(refused)('refuses %o', (value, found) => {
    expect(checkJson(value)).toBe(found);
  });

  it('takes 64 levels and no more', () => {
    expect(checkJson(nest(64))).toBeNull();
    expect(checkJson(nest(65))).toMatch(/nested deeper than 64 levels$/);
  });

  it('finds a ring of objects too deep', () => {
    const ring: { next?: unknown } = {};
    ring.next = ring;
    expect(checkJson(ring)).toMatch(/nested deeper than 64 levels$/);
  });

  it('is done at once with a small graph that stands for an endless tree', () => {
    let value: unknown = 1;
    for (let level = 0; level < 60; level++) value = [value, value];
    expect(checkJson(value)).toBeNull();
  });

  it('takes objects of another realm and without a prototype', () => {
    expect(checkJson(Object.assign(Object.create(null) as object, { a: 1 }))).toBeNull();
  });
});
