import { describe, expect, it } from 'vitest';
import { checkDefinition, DEFINITION_LIMITS } from '../../src/definition/index.js';

const GOOD = { name: 't', version: '1', phases: [{ name: 'a' }] };

function codesOf(value: unknown): readonly string[] {
  return checkDefinition(value).diagnostics.map(({ code, path }) => `${code} ${path}`.trim());
}

describe('an object as a definition', () => {
  it('is checked as a text is, with paths and without places', () => {
    const { definition, diagnostics } = checkDefinition(
      { ...GOOD, phases: [{ name: 'a', tsk: 1 }] },
      { file: 'f' },
    );
    expect(definition).toBeNull();
    expect(diagnostics).toEqual([
      {
        code: 'unknown-key',
        severity: 'error',
        message: 'There is no key "tsk" here',
        path: 'phases[0].tsk',
        line: 1,
        column: 1,
        frame: '',
        hint: 'did you mean `task`?',
        file: 'f',
      },
    ]);
  });

  it('shows a version that is no text as it is', () => {
    expect(checkDefinition({ ...GOOD, version: 2 }).diagnostics[0]?.hint).toBe(
      'put it in quotes: version: "2"',
    );
  });

  it('may leave properties undefined', () => {
    expect(codesOf({ ...GOOD, description: undefined })).toEqual([]);
  });

  it('may come without a prototype, or from another realm', () => {
    const bare: object = Object.assign(Object.create(null) as object, GOOD);
    expect(codesOf(bare)).toEqual([]);
  });

  it.each([
    ['a Date', { ...GOOD, result: { a: new Date(0) } }, 'not-json result.a'],
    ['a Map', { ...GOOD, result: new Map() }, 'not-json result'],
    ['a BigInt', { ...GOOD, automation_level: 1n }, 'not-json automation_level'],
    ['NaN', { ...GOOD, automation_level: NaN }, 'not-json automation_level'],
    ['a function', { ...GOOD, name: () => 't' }, 'not-json name'],
    ['a symbol as a key', { ...GOOD, [Symbol('x')]: 1 }, 'not-json'],
    ['undefined in a list', { ...GOOD, phases: [undefined] }, 'not-json phases[0]'],
    ['a number beyond 2^53', { ...GOOD, automation_level: 2 ** 53 }, 'not-json automation_level'],
    ['a toJSON of its own', { ...GOOD, toJSON: () => GOOD }, 'not-json toJSON'],
    ['null', null, 'wrong-type'],
    ['undefined', undefined, 'not-json'],
    ['a text', 'name: t', 'wrong-type'],
    ['a list', [GOOD], 'wrong-type'],
    [
      'a class',
      new (class Flow {
        name = 't';
      })(),
      'not-json',
    ],
  ])('refuses %s', (_, value, expected) => {
    expect(codesOf(value)).toEqual([expected]);
  });

  it('runs no getter and no setter', () => {
    let runs = 0;
    const value = {
      ...GOOD,
      get description() {
        runs += 1;
        return 'x';
      },
    };
    expect(codesOf(value)).toEqual(['not-json description']);
    expect(runs).toBe(0);
  });

  it('survives a Proxy that throws', () => {
    const value = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    expect(codesOf(value)).toEqual(['not-json']);
  });

  it('survives a value that contains itself', () => {
    const value: Record<string, unknown> = { ...GOOD };
    value['result'] = { a: [value] };
    expect(codesOf(value)).toEqual(['not-json result.a[0]']);
  });

  it('refuses what is too deep, too wide, too long or too much, at once', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(codesOf({ ...GOOD, result: { deep } })[0]).toMatch(/^nested-too-deep/);
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n]));
    expect(codesOf(wide)).toEqual(['too-many-keys']);
    expect(codesOf({ ...GOOD, description: 'x'.repeat(DEFINITION_LIMITS.maxBytes + 1) })).toEqual([
      'document-too-large description',
    ]);
    expect(codesOf({ ...GOOD, phases: new Array(4_000_000_000) })).toEqual(['too-many-values phases']);
    let shared: unknown = ['x'];
    for (let level = 0; level < 50; level++) shared = [shared, shared];
    expect(codesOf({ ...GOOD, result: { shared } })[0]).toMatch(/^too-many-values/);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'refuses the key %s at any depth, and pollutes nothing',
    (key) => {
      const value: unknown = JSON.parse(
        `{"name":"t","version":"1","phases":[{"name":"a","context":{"${key}":{"polluted":1}}}]}`,
      );
      expect(codesOf(value)).toEqual([`forbidden-key phases[0].context.${key}`]);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    },
  );

  it('is copied: a change afterwards changes nothing', () => {
    const value = { ...GOOD, phases: [{ name: 'a', meta: { model: 'x' }, task: 't' }] };
    const { definition } = checkDefinition(value);
    value.phases[0]!.meta.model = 'y';
    expect(definition?.phases[0]?.tasks[0]?.meta).toEqual({ model: 'x' });
  });
});
