import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonGrowthBound, jsonSizeDelta } from '../../src/json/json-growth.js';
import { jsonSize } from '../../src/json/json-size.js';
import type { Json, JsonObject } from '../../src/json/json.js';

const object = fc.dictionary(
  fc.string({ maxLength: 3 }),
  fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>,
);

/** Two values that share what they have in common, as a state and the next one do. */
const pair = fc
  .tuple(object, object, fc.array(fc.jsonValue() as fc.Arbitrary<Json>), fc.nat(5), fc.array(fc.string()))
  .map(([before, changes, list, lost, gained]): [JsonObject, JsonObject] => [
    { ...before, list },
    { ...before, ...changes, list: [...list.slice(lost), ...gained] },
  ]);

describe('the bound on the growth of a value', () => {
  it('is never less than what it has grown, and never negative', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const bound = jsonGrowthBound(before, after);
        expect(bound).toBeGreaterThanOrEqual(Math.max(0, jsonSize(after) - jsonSize(before)));
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('is what was added, where something was added', () => {
    const before = { tasks: { a: { status: 'open' } }, events: ['x'.repeat(50), 'y'] };
    const after = {
      ...before,
      tasks: { ...before.tasks, b: { status: 'open' } },
      events: [...before.events, 'z'],
    };
    expect(jsonGrowthBound(before, after)).toBeLessThanOrEqual(jsonSize(after) - jsonSize(before) + 1);
  });

  it('counts a list that lost its beginning by what it gained', () => {
    const list = Array.from({ length: 1000 }, (_, id) => ({ id }));
    const bound = jsonGrowthBound({ list }, { list: [...list.slice(100), { id: 1000 }] });
    expect(bound).toBeLessThan(20);
  });

  it('is found at once for a small graph that stands for an endless tree', () => {
    const graph = (leaf: Json): Json => {
      let value: Json = leaf;
      for (let level = 0; level < 200; level++) value = [value, value];
      return value;
    };
    expect(jsonGrowthBound({ x: graph('a') }, { x: graph('b') })).toBeGreaterThan(2 ** 200);
  });

  it('takes names that objects have by birth for new ones', () => {
    expect(jsonGrowthBound({}, { toString: 'x' })).toBeGreaterThanOrEqual(jsonSize({ toString: 'x' }) - 2);
  });
});

describe('the change of the size of a value', () => {
  it('is what lies between both sizes, to the byte, in both directions', () => {
    fc.assert(
      fc.property(pair, fc.boolean(), ([one, other], isBack) => {
        const [before, after] = isBack ? [other, one] : [one, other];
        expect(jsonSizeDelta(before, after)).toBe(jsonSize(after) - jsonSize(before));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it.each([
    [{}, { a: 1 }],
    [{ a: {} }, { a: { b: [] } }],
    [{ a: [1, 2, 3] }, { a: [] }],
    [{ a: [1, 2, 3] }, { a: [3, 'x'] }],
    [{ a: [[1], { b: 2 }] }, { a: [{ b: 2, c: 'é' }] }],
    [{ a: null }, { a: { b: null } }],
    [{ toString: 'x' }, {}],
  ] as const)('from %j to %j', (before, after) => {
    expect(jsonSizeDelta(before, after)).toBe(jsonSize(after) - jsonSize(before));
  });

  it('leaves out an entry that does not count', () => {
    const [before, after] = [
      { a: 1, events: [1, 2, 3] },
      { a: 12, events: [] },
    ];
    expect(jsonSizeDelta(before, after, 'events')).toBe(1);
  });
});
