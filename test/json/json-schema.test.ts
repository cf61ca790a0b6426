import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema, validateJson, VALIDATION_LIMITS } from '../../src/json/json-schema.js';
import type { Json, JsonObject } from '../../src/json/json.js';

function problemsOf(schema: JsonObject, value: Json): readonly string[] {
  expect(checkSchema(schema)).toEqual([]);
  return validateJson(schema, value).map(({ path, message }) => `${path}: ${message}`);
}

const CASES: readonly (readonly [
  schema: JsonObject,
  good: readonly Json[],
  bad: readonly Json[],
  first: string,
])[] = [
  [{ type: 'string' }, ['', 'x'], [1, null, [], {}], ': must be a text, not a number'],
  [{ type: 'integer' }, [1, -0, 1e15], [1.5, '1'], ': must be a whole number, not a number'],
  [{ type: ['string', 'null'] }, ['x', null], [false], ': must be a text or null, not true or false'],
  [{ type: 'object' }, [{}], [[], null], ': must be a map, not a list'],
  [{ enum: ['a', 1, { b: [1] }] }, ['a', 1, { b: [1] }], ['b', { b: [2] }], ': must be one of "a", 1, a map'],
  [{ const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }], ': must be a map'],
  [{ minLength: 2, maxLength: 3 }, ['ab', '😀😀😀', 5], ['😀', 'abcd'], ': must have at least 2 characters'],
  [{ pattern: '^a+$' }, ['aa', 5], ['ab'], ': must match the pattern ^a+$'],
  [{ minimum: 1, maximum: 3 }, [1, 3, 'x'], [0, 4], ': must be at least 1'],
  [{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [1, 3], ': must be more than 1'],
  [{ multipleOf: 0.1 }, [0.3, 1.1, -7], [0.35], ': must be a multiple of 0.1'],
  [{ items: { type: 'number' } }, [[], [1, 2]], [[1, 'x']], '[1]: must be a number, not a text'],
  [{ prefixItems: [{ const: 1 }], items: false }, [[1], []], [[1, 2], [2]], '[1]: is not allowed'],
  [{ minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[], [1, 2, 3]], ': must have at least 1 elements'],
  [
    { uniqueItems: true },
    [[1, '1', [1], { a: 1 }]],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    '[1]: stands in the list more than once',
  ],
  [
    { contains: { const: 1 } },
    [[2, 1]],
    [[], [2]],
    ': must have at least 1 elements of a certain form, not 0',
  ],
  [
    { contains: { const: 1 }, minContains: 0, maxContains: 1 },
    [[], [1]],
    [[1, 1]],
    ': must have at most 1 elements of a certain form, not 2',
  ],
  [{ required: ['a', 'toString'] }, [{ a: 1, toString: 1 }], [{ a: 1 }], 'toString: is required'],
  [
    { properties: { a: { type: 'string' } } },
    [{}, { a: '' }, { b: 1 }],
    [{ a: 1 }],
    'a: must be a text, not a number',
  ],
  [
    { properties: { a: true }, additionalProperties: false },
    [{ a: 1 }],
    [{ b: 1 }],
    'b: is no key that is known here',
  ],
  [{ additionalProperties: { type: 'number' } }, [{ a: 1 }], [{ a: '' }], 'a: must be a number, not a text'],
  [
    { patternProperties: { '^x-': { type: 'number' } }, additionalProperties: false },
    [{ 'x-a': 1 }],
    [{ 'x-a': '' }, { y: 1 }],
    'x-a: must be a number, not a text',
  ],
  [{ propertyNames: { maxLength: 1 } }, [{ a: 1 }], [{ ab: 1 }], 'ab: must have at most 1 characters'],
  [{ minProperties: 1, maxProperties: 1 }, [{ a: 1 }], [{}, { a: 1, b: 1 }], ': must have at least 1 keys'],
  [{ dependentRequired: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }], 'b: is required'],
  [{ dependentSchemas: { a: { required: ['b'] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }], 'b: is required'],
  [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, [2], [0, 4], ': must be at least 1'],
  [
    { anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] },
    ['x', { a: 1 }],
    [{}, 1],
    'a: is required',
  ],
  [
    { oneOf: [{ minimum: 5 }, { maximum: 7 }] },
    [1, 9],
    [6],
    ': fits 2 of the forms of which it may have one',
  ],
  [{ not: { type: 'string' } }, [1], ['x'], ': has a form that is not allowed'],
  [
    { if: { type: 'string' }, then: { minLength: 2 }, else: { minimum: 2 } },
    ['ab', 3],
    ['a', 1],
    ': must have at least 2 characters',
  ],
  [
    { $ref: '#/$defs/a%20b~1c', $defs: { 'a b/c': { type: 'string' } } },
    ['x'],
    [1],
    ': must be a text, not a number',
  ],
  [
    { type: 'object', properties: { n: { $ref: '#' } }, additionalProperties: false },
    [{ n: { n: {} } }],
    [{ n: { m: 1 } }],
    'n.m: is no key that is known here',
  ],
];

describe('a JSON Schema', () => {
  it.each(
    CASES.map(([schema, good, bad, first]) => ({ title: JSON.stringify(schema), schema, good, bad, first })),
  )('holds values against $title', ({ schema, good, bad, first }) => {
    for (const value of good) expect([value, problemsOf(schema, value)]).toEqual([value, []]);
    for (const value of bad) expect(problemsOf(schema, value).length).toBeGreaterThan(0);
    expect(problemsOf(schema, bad[0] ?? null)).toContain(first);
  });

  it.each([
    ['date', ['2024-02-29'], ['2023-02-29', '2024-13-01', '2024-1-1']],
    ['time', ['23:59:60Z', '10:00:00.5+02:00'], ['10:00:00', '24:00:00Z']],
    [
      'date-time',
      ['2024-01-01T10:00:00Z', '2024-01-01t10:00:00.123-05:00'],
      ['2024-01-01', '2024-01-01T10:00'],
    ],
    ['duration', ['P1D', 'PT1H30M', 'P2W'], ['P', 'PT', '1D', 'P1H']],
    ['email', ['a.b+c@example.com'], ['a', '@b', 'a@', 'a b@c.de', '.a@b.de', 'a..b@c.de']],
    ['hostname', ['example.com', 'a'], ['-a.de', 'a_b', '', `${'a'.repeat(64)}.de`]],
    ['ipv4', ['127.0.0.1'], ['256.1.1.1', '1.2.3', '01.2.3.4']],
    [
      'ipv6',
      ['::1', '::', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', 'fe80::1'],
      ['1', ':::', '1::2::3', '12345::', '::1.2.3'],
    ],
    ['uri', ['https://example.com/a?b=c#d', 'urn:a:b'], ['example.com', '/a', 'http://a b']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
  ])('knows the format %s', (format, good, bad) => {
    for (const value of good) expect([value, problemsOf({ format }, value)]).toEqual([value, []]);
    for (const value of bad) expect([value, problemsOf({ format }, value).length]).toEqual([value, 1]);
    expect(problemsOf({ format }, 5)).toEqual([]);
  });

  it.each<[JsonObject, string, string]>([
    [{ minLenght: 1 }, 'minLenght', 'no supported keyword'],
    [{ properties: { a: { typ: 'string' } } }, 'properties.a.typ', 'no supported keyword'],
    [{ type: 'strng' }, 'type', 'none of'],
    [{ type: [] }, 'type', 'at least one type'],
    [{ format: 'regex' }, 'format', 'none of'],
    [{ required: 'a' }, 'required', 'list of texts'],
    [{ minLength: -1 }, 'minLength', 'at least 0'],
    [{ multipleOf: 0 }, 'multipleOf', 'above 0'],
    [{ enum: [] }, 'enum', 'at least one value'],
    [{ items: [{}] }, 'items', 'one schema'],
    [{ allOf: [] }, 'allOf', 'list of schemas'],
    [{ properties: [] }, 'properties', 'map of schemas'],
    [{ additionalProperties: 'no' }, 'additionalProperties', 'true or false'],
    [{ pattern: '(' }, 'pattern', 'cannot be used'],
    [{ patternProperties: { '(?=a)': {} } }, 'patternProperties.(?=a)', 'lookaround'],
    [{ $ref: 'https://example.com/schema' }, '$ref', 'within the schema'],
    [{ $ref: '#/$defs/x' }, '$ref', 'no schema'],
    [{ $ref: '#/enum/0', enum: [{}] }, '$ref', 'no schema'],
    [{ properties: { a: { $id: 'x' } } }, 'properties.a.$id', 'root'],
    [{ unevaluatedProperties: false }, 'unevaluatedProperties', 'no supported keyword'],
  ])('is refused where it is wrong: %j', (schema, path, message) => {
    const problems = checkSchema(schema);
    expect(problems.map((problem) => problem.path.join('.'))).toEqual([path]);
    expect(problems[0]?.message).toContain(message);
  });

  it('is refused where a reference never goes into the value', () => {
    const circles: JsonObject[] = [
      { $ref: '#' },
      {
        $ref: '#/$defs/a',
        $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { not: { $ref: '#/$defs/a' } } },
      },
      { properties: { x: { if: { $ref: '#/properties/x' } } } },
      { dependentSchemas: { a: { $ref: '#' } } },
    ];
    for (const schema of circles) expect(checkSchema(schema)[0]?.message).toMatch(/leads back to itself/);
    const chain = Object.fromEntries(
      Array.from({ length: 900 }, (_, n) => [`d${n}`, { $ref: `#/$defs/d${n + 1}` }]),
    );
    expect(checkSchema({ $ref: '#/$defs/d0', $defs: { ...chain, d900: {} } })).toEqual([]);
  });

  it('is refused for anything that is none, without an exception', () => {
    for (const schema of [null, 1, 'x', [], undefined, { properties: { a: 5 } }]) {
      expect(checkSchema(schema)).toHaveLength(1);
    }
  });
});

describe('a validation', () => {
  it('reports twenty problems at most', () => {
    const value = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
    expect(validateJson({ additionalProperties: false }, value)).toHaveLength(VALIDATION_LIMITS.maxProblems);
    expect(validateJson({ items: { type: 'string' } }, new Array<Json>(100_000).fill(1))).toHaveLength(
      VALIDATION_LIMITS.maxProblems,
    );
  });

  it('ends where it would take too long, and says so', () => {
    const doubling: JsonObject = {
      $ref: '#/$defs/a',
      $defs: {
        a: {
          anyOf: [
            { properties: { x: { $ref: '#/$defs/a' } }, required: ['y'] },
            { properties: { x: { $ref: '#/$defs/a' } }, required: ['y'] },
          ],
        },
      },
    };
    let deep: Json = {};
    for (let level = 0; level < 60; level++) deep = { x: deep };
    expect(checkSchema(doubling)).toEqual([]);
    expect(validateJson(doubling, deep)[0]?.message).toMatch(/steps/);
    const long: Json = Array.from({ length: 3_000 }, (_, n) => 'a'.repeat(300) + String(n));
    expect(validateJson({ items: { pattern: '(a+)+$' } }, long)[0]?.message).toMatch(/steps/);
    const chain = Object.fromEntries(
      Array.from({ length: 900 }, (_, n) => [`d${n}`, { $ref: `#/$defs/d${n + 1}` }]),
    );
    expect(validateJson({ $ref: '#/$defs/d0', $defs: { ...chain, d900: {} } }, 1)[0]?.message).toMatch(
      /deep/,
    );
  }, 60_000);

  it('compares long lists without looking at every pair', () => {
    const list = Array.from({ length: 20_000 }, (_, n) => ({ a: n, b: 'same' }));
    expect(validateJson({ uniqueItems: true }, list)).toEqual([]);
    expect(validateJson({ uniqueItems: true }, [...list, { b: 'same', a: 5 }])).toHaveLength(1);
  });

  it('never shows the data', () => {
    const schema: JsonObject = {
      properties: { a: { type: 'number' }, b: { enum: ['x'] }, c: { format: 'uri' } },
    };
    const problems = validateJson(schema, { a: 'secret', b: 'secret', c: 'secret' });
    expect(problems).toHaveLength(3);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('leaves the schema as it is, frozen or not', () => {
    const schema = Object.freeze({
      type: 'object',
      properties: Object.freeze({ a: Object.freeze({ $ref: '#' }) }),
    });
    const before = JSON.stringify(schema);
    expect(validateJson(schema, { a: {} })).toEqual([]);
    expect(JSON.stringify(schema)).toBe(before);
    expect(Reflect.ownKeys(schema)).toEqual(['type', 'properties']);
  });

  it('says the same as another validator', () => {
    const scalar = fc.constantFrom<Json>(null, true, false, 0, 1, 2.5, -3, '', 'a', 'abc', '2024-01-01');
    const value = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const keyword = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        fc.record(
          {
            type: fc.constantFrom('string', 'number', 'integer', 'object', 'array', 'null', 'boolean'),
            minimum: fc.constantFrom(0, 1),
            exclusiveMaximum: fc.constantFrom(1, 2),
            minLength: fc.constantFrom(1, 2),
            maxLength: fc.constantFrom(2),
            required: fc.subarray(['a', 'b'], { minLength: 1 }),
            minItems: fc.constantFrom(1, 2),
            maxProperties: fc.constantFrom(1, 2),
            uniqueItems: fc.constant(true),
            enum: fc.array(scalar, { minLength: 1, maxLength: 3 }),
            pattern: fc.constantFrom('^a', 'b+c$', '\\d{4}-'),
          },
          { requiredKeys: [] },
        ),
        fc.record({
          properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')),
          additionalProperties: fc.boolean(),
        }),
        fc.record({ items: tie('schema') }),
        fc.record({ contains: tie('schema') }),
        fc.record({
          prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
          items: tie('schema'),
        }),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
        fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
        fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('schema') }),
        fc.record({ if: tie('schema'), then: tie('schema'), else: tie('schema') }),
        fc.record({ dependentSchemas: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')) }),
      ),
    })).schema;
    fc.assert(
      fc.property(keyword, value, (schema, data) => {
        expect(checkSchema(schema)).toEqual([]);
        const oracle = new Validator(structuredClone(schema), '2020-12').validate(data).valid;
        expect(validateJson(schema, data).length === 0).toBe(oracle);
      }),
      { seed: 20_251_121, numRuns: 1_000 },
    );
  }, 120_000);
});
