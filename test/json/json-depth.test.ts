import { describe, expect, it } from 'vitest';
import { jsonDepth } from '../../src/json/json-depth.js';
import type { Json } from '../../src/json/json.js';

describe('the depth of a JSON value', () => {
  it.each([
    [1, 0],
    [null, 0],
    [[], 1],
    [{}, 1],
    [{ a: [1], b: 2 }, 2],
    [[[[]]], 3],
  ] as readonly (readonly [Json, number])[])('of %j is %i', (value, depth) => {
    expect(jsonDepth(value)).toBe(depth);
  });
});

it('is found at once for a small graph that stands for an endless tree', () => {
  let value: Json = 'leaf';
  for (let level = 0; level < 200; level++) value = [value, value];
  expect(jsonDepth(value)).toBe(200);
});
