import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMap, parseDocument } from 'yaml';
import type { Scalar } from 'yaml';
import { characterOffset } from '../../src/definition/character-offset.js';
import { parseDefinition } from '../../src/definition/index.js';

/** A value of a map, as it is written; undefined where the text is no YAML. */
function valueOf(text: string): Scalar<string> | undefined {
  const { contents, errors, warnings } = parseDocument(text);
  if (errors.length + warnings.length > 0 || !isMap(contents)) return undefined;
  const value = contents.get('k', true) as Scalar | undefined;
  return typeof value?.value === 'string' ? (value as Scalar<string>) : undefined;
}

const PIECES = [
  ...[
    'a',
    'b',
    '"x"',
    "''",
    ' ',
    '  ',
    '\t',
    '\n  ',
    '\n  ',
    '\n   ',
    '\n\n  ',
    '\r\n  ',
    '\n \n\n  ',
    '\n  \t',
  ],
  ...[
    '\\n',
    '\\"',
    '\\\\',
    '\\x41',
    '\\u00e9',
    '\\U0001f600',
    '\\\n  ',
    '\\\r\n   ',
    '\\ ',
    '\u{1f600}',
    '\\t',
  ],
];

/** How a scalar begins and ends in each style, and which pieces mean something else in it. */
const STYLES: readonly (readonly [style: string, open: string, close: string, without: RegExp])[] = [
  ['plain', 'k: c', 'd\nl: 1\n', /^$/],
  ['single quotes', "k: '", "'\nl: 1\n", /^$/],
  ['double quotes', 'k: "', '"\nl: 1\n', /^"x"$/],
  ['folded', 'k: >\n  c', '\nl: 1\n', /^$/],
  ['folded and stripped, behind blank lines', 'k: &a >- # note\n\n   \n   c', '\n\nl: 1\n', /^$/],
  ['folded, indented by number', 'k: >2+\n   c', '\n\n\nl: 1\n', /^$/],
  ['literal', 'k: |\n  c', '\nl: 1\n', /^$/],
  ['literal, indented by number', 'k: |2-\n     c', '\n   \n', /^$/],
];

describe('the place of a character', () => {
  it.each(STYLES)('is where it is written: %s', (_, open, close, without) => {
    let checked = 0;
    const pieces = fc.array(fc.constantFrom(...PIECES.filter((piece) => !without.test(piece))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(pieces, (list) => {
        const text = `${open}${list.join('')}${close}`;
        const scalar = valueOf(text);
        if (scalar === undefined) return;
        const { value } = scalar;
        let previous = -1;
        for (let offset = 0; offset < value.length; offset++) {
          const found = characterOffset(scalar, offset, text) ?? -1;
          expect(found).toBeGreaterThanOrEqual(previous);
          previous = found;
          if (/\s|[\udc00-\udfff]/.test(value[offset] ?? '')) continue;
          const isEscape = scalar.type === 'QUOTE_DOUBLE' && text[found] === '\\';
          expect(isEscape ? value[offset] : text[found]).toBe(value[offset]);
          checked += 1;
        }
      }),
      { seed: 20_251_121, numRuns: 2_000 },
    );
    expect(checked).toBeGreaterThan(3_000);
  });

  it('is the start of an escape, and the end of the line that a fold follows', () => {
    const text = 'k: "a\\u00e9b  \n  c\\\n  d"\n';
    const scalar = valueOf(text);
    expect(scalar?.value).toBe('a\u00e9b cd');
    const places = [0, 1, 2, 3, 4, 5, 6].map((offset) => characterOffset(scalar, offset, text));
    expect(places).toEqual(['a', '\\u', 'b', '  \n', 'c', 'd"', '"\n'].map((part) => text.indexOf(part)));
  });

  const HEAD = 'name: t\nversion: "1"\nphases:\n  - name: a\n';
  it.each([
    [
      'folded',
      'condition: >-\n      variables.x > 1 &&\n      vars.y > 2 &&\n      phases.zz.visits > 0',
      [7, 8],
    ],
    [
      'folded with its end',
      'condition: >\n      true &&\n\n      vars.y > 2 &&\n        phases.zz.visits > 0',
      [8, 9],
    ],
    [
      'literal',
      'condition: |\n      variables.x > 1 &&\n      vars.y > 2 &&\n      phases.zz.visits > 0',
      [7, 8],
    ],
    ['plain', 'condition: variables.x > 1 &&\n      vars.y > 2 &&\n\n      phases.zz.visits > 0', [6, 8]],
    [
      'double quotes',
      'condition: "\\"a\\" != \\\n      \\"b\\" &&\n      vars.y > 2 &&\n\n      phases.zz.visits > 0"',
      [7, 9],
    ],
    [
      'single quotes',
      "condition: 'variables[''x''] > 1 &&\n      vars.y > 2 &&\n      phases.zz.visits > 0'",
      [6, 7],
    ],
    [
      'Windows',
      'condition: >-\r\n      variables.x > 1 &&\r\n      vars.y > 2 &&\r\n      phases.zz.visits > 0',
      [7, 8],
    ],
  ])('is the line of what is wrong in an expression of several: %s', (_, part, lines) => {
    const { diagnostics } = parseDefinition(`${HEAD}    ${part}\n`);
    const found = diagnostics.map(({ line, code }) => [line, code]);
    expect(found).toEqual([
      [lines[0], 'unknown-name'],
      [lines[1], 'unknown-phase'],
    ]);
    const texts = diagnostics.map(({ frame }) => {
      const [row = '', caret = ''] = frame
        .split('\n')
        .flatMap((line, index, all) => (line.startsWith('>') ? [line, all[index + 1] ?? ''] : []));
      return row.slice(caret.indexOf('^'));
    });
    expect(texts[0]).toMatch(/^vars\.y/);
    expect(texts[1]).toMatch(/^phases\.zz/);
  });
});
