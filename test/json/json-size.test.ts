import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json/json.js';
import { jsonSize } from '../../src/json/json-size.js';

function written(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

describe('the size of a JSON value', () => {
  it('is that of its text in UTF-8, for any value', () => {
    const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 });
    fc.assert(
      fc.property(value, (json) => {
        expect(jsonSize(json as Json)).toBe(written(json));
        // From memory, where it is remembered.
        expect(jsonSize(json as Json)).toBe(written(json));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([
    ['\u0000\b\t\n\u000b\f\r"\\/'],
    ['é€😀'],
    ['\ud800 \udc00 \udc00\ud800'],
    [''],
    [1e21],
    [-0],
    [1.5e-7],
    [{}],
    [[]],
    [[{}, [null, true, false]]],
    [{ a: 1, b: { c: [] } }],
  ] as readonly (readonly [Json])[])('is exact for %j', (value) => {
    expect(jsonSize(value)).toBe(written(value));
  });

  it('leaves out what is undefined', () => {
    expect(jsonSize({ a: undefined, b: 1 })).toBe(written({ b: 1 }));
    expect(jsonSize({ a: undefined })).toBe(2);
  });

  it('is found at once for a small graph that stands for an endless tree', () => {
    let value: Json = 'leaf';
    for (let level = 0; level < 200; level++) value = [value, value];
    expect(jsonSize(value)).toBeGreaterThan(2 ** 200);
  });

  it('is measured once for a large value', () => {
    const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}` }));
    const size = jsonSize({ rows });
    const start = process.cpuUsage();
    const sizes = Array.from({ length: 1_000 }, () => jsonSize({ rows }));
    // Measured anew each time, it would take seconds.
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(500);
    expect(new Set(sizes)).toEqual(new Set([size]));
  });
});
