/** Definitions changed at random, and random text: a report always comes, soon, and every problem has a place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDefinition, DIAGNOSTIC_CODES, parseDefinition } from '../../src/definition/index.js';
import type { CheckResult } from '../../src/definition/index.js';
import { BAD_DOCUMENTS } from './bad-documents.js';
import { FULL_EXAMPLE, GOOD_DOCUMENTS } from './good-documents.js';

const SEED = 20_251_121;
const MAX_MS = 300;

const SAMPLES = [...GOOD_DOCUMENTS, ...BAD_DOCUMENTS].map(({ text }) => text);

const FRAGMENTS = [
  ...[
    '[',
    ']',
    '{',
    '}',
    ':',
    ': ',
    ',',
    '- ',
    '? ',
    '"',
    "'",
    '\n',
    '\n  ',
    ' ',
    '\t',
    '#',
    '&a ',
    '*a',
    '!',
    '!x ',
  ],
  ...[
    '|\n',
    '>\n',
    '---\n',
    '%',
    '${',
    '}',
    '${variables.x}',
    '\0',
    '\u{1f600}',
    '\ud800',
    '<<: ',
    '__proto__: ',
  ],
  ...[
    'name: a\n',
    'phases:',
    'tasks: []',
    'next: a',
    'null',
    '1e999',
    '.nan',
    '0x',
    '~',
    '(',
    ')',
    'item',
    '@',
    '\\',
  ],
];

/** A sample with some of its characters removed, doubled or replaced by what means something in YAML or CEL. */
const mutated = fc
  .record({
    sample: fc.constantFrom(...SAMPLES),
    cuts: fc.array(
      fc.record({ at: fc.nat(), length: fc.nat(30), insert: fc.constantFrom('', ...FRAGMENTS) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    ),
  })
  .map(({ sample, cuts }) =>
    cuts.reduce((text, { at, length, insert }) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + insert + text.slice(start + length);
    }, sample),
  );

/** Text of bytes that were never meant as YAML. */
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array).toString('latin1'));

const fragments = fc
  .array(fc.constantFrom(...FRAGMENTS, 'a', 'b: c', ' '), { maxLength: 60 })
  .map((list) => list.join(''));

function expectReport({ definition, diagnostics }: CheckResult, text: string): void {
  const lines = text.split('\n');
  const hasError = diagnostics.some(({ severity }) => severity === 'error');
  expect(definition === null).toBe(hasError);
  let previous: readonly [number, number] = [0, 0];
  for (const { line, column, message, frame, code } of diagnostics) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
    expect(message).not.toBe('');
    expect(DIAGNOSTIC_CODES).toHaveProperty(code);
    expect(frame).toMatch(new RegExp(`^> +${line} \\|`, 'm'));
    const [previousLine, previousColumn] = previous;
    expect(line).toBeGreaterThanOrEqual(previousLine);
    if (line === previousLine) expect(column).toBeGreaterThanOrEqual(previousColumn);
    previous = [line, column];
  }
}

function expectSoon(text: string): void {
  const before = process.cpuUsage();
  const result = parseDefinition(text);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(MAX_MS);
  expectReport(result, text.replace(/^\uFEFF/, ''));
}

describe('any text', () => {
  // The compiler's first passes over cold code are no part of what is measured.
  parseDefinition(FULL_EXAMPLE);

  it.each([
    ['a changed definition', mutated, 1_000],
    ['bytes', bytes, 500],
    ['tokens in any order', fragments, 500],
  ] as const)(
    'gets a report with places, soon, and never an exception: %s',
    (_, texts, numRuns) => {
      fc.assert(fc.property(texts, expectSoon), { seed: SEED, numRuns });
    },
    120_000,
  );

  it('gives the same definition as its JSON', () => {
    for (const { text } of GOOD_DOCUMENTS) {
      const { definition, document } = parseDefinition(text);
      expect(checkDefinition(document).definition).toEqual(definition);
      expect(parseDefinition(JSON.stringify(document)).definition).toEqual(definition);
      expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
    }
  });
});

describe('any value', () => {
  it('gets a report and never an exception', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      maxDepth: 4,
    });
    const phase = fc.dictionary(
      fc.constantFrom('name', 'task', 'tasks', 'next', 'executor', 'wait', 'foreach'),
      anything,
    );
    const document = fc.record(
      {
        name: fc.oneof(fc.constant('t'), anything),
        version: fc.constant('1'),
        phases: fc.array(phase),
        input: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(anything, document), (value) => {
        const { definition, diagnostics } = checkDefinition(value);
        expect(definition === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        for (const { line, column, frame } of diagnostics) expect([line, column, frame]).toEqual([1, 1, '']);
      }),
      { seed: SEED, numRuns: 500 },
    );
  }, 120_000);
});
