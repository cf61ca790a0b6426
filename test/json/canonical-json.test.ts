import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digest } from '../../src/json/canonical-json.js';
import type { Json, JsonObject } from '../../src/json/json.js';

function reverseKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reverseKeys(item ?? null)]));
}

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const value = JSON.parse(JSON.stringify(json)) as Json;
        expect(canonicalJson(reverseKeys(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('sorts keys by their UTF-16 units and writes numbers as JavaScript does (RFC 8785)', () => {
    const value = {
      '\u20ac': 1e30,
      '\r': 4.5,
      '1': 2e-3,
      '😀': 'a',
      '\ufb33': null,
      '\u0080': [56.0, { d: true, c: 1 }],
    };
    expect(canonicalJson(value)).toBe(
      '{"\\r":4.5,"1":0.002,"\u0080":[56,{"c":1,"d":true}],"\u20ac":1e+30,"😀":"a","\ufb33":null}',
    );
  });

  it('leaves out what is undefined and takes half a surrogate pair', () => {
    expect(canonicalJson({ b: undefined, a: '\ud800' })).toBe('{"a":"\\ud800"}');
  });

  it('is a list only where the value is one', () => {
    expect(canonicalJson([1, '2', [null]])).toBe('[1,"2",[null]]');
  });
});

describe('the digest of a value', () => {
  it('is the SHA-256 of its canonical JSON', () => {
    const value = { b: 'é😀', a: [1, 2] };
    const expected = createHash('sha256').update('{"a":[1,2],"b":"é😀"}').digest('hex');
    expect(digest(value)).toBe(expected);
    expect(digest({ a: [1, 2], b: 'é😀' })).toBe(expected);
    expect(digest({ a: [2, 1], b: 'é😀' })).not.toBe(expected);
  });
});
