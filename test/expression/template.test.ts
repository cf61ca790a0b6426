import { describe, expect, it } from 'vitest';
import {
  ExpressionBudget,
  ExpressionFailure,
  parseTemplate,
  renderTemplate,
} from '../../src/expression/index.js';
import type { Json } from '../../src/json/json.js';

const variables = { n: 7, s: 'text', list: ['a', 1], map: { k: null }, none: null, flag: true };

function render(template: Json, data: Json = variables): Json {
  return renderTemplate(template, { variables: () => data }, new ExpressionBudget());
}

describe('a template renders', () => {
  const table: readonly (readonly [template: string, value: Json])[] = [
    ['plain', 'plain'],
    ['', ''],
    // One expression alone keeps the type of its value.
    ['${variables.n}', 7],
    ['${variables.list}', ['a', 1]],
    ['${variables.none}', null],
    // In longer text.
    ['n=${variables.n}', 'n=7'],
    ['${variables.s}: ${variables.flag}, ${variables.none}', 'text: true, null'],
    ['${variables.list} ${variables.map}', '["a",1] {"k":null}'],
    [' ${variables.n}', ' 7'],
    // The lexer of CEL finds the closing brace.
    ['<${ {"a": "}"}.a }>', '<}>'],
    ['<${ \'}\' + "}" }>', '<}}>'],
    ['<${"""}"}"""}>', '<}"}>'],
    ['<${"\\"}"}>', '<"}>'],
    ['<${ {"a": {"b": 1}}.a.b }>', '<1>'],
    ['<${ 1 // }\n + 1 }>', '<2>'],
    // Escapes.
    ['$${variables.n}', '${variables.n}'],
    ['$${', '${'],
    ['a $ b $$ c {d}', 'a $ b $$ c {d}'],
    ['${"$"}${variables.n}', '$7'],
    ['$$${variables.n}', '$${variables.n}'],
    // Secrets stay.
    ['Bearer ${secret:API_TOKEN}', 'Bearer ${secret:API_TOKEN}'],
    ['${secret:A}', '${secret:A}'],
  ];

  it.each(table)('%s', (template, value) => {
    expect(render(template)).toStrictEqual(value);
  });

  it('every string at any depth, and neither keys nor other values', () => {
    const template = { '${x}': 1, a: ['${variables.n}', { b: 'is ${variables.s}', c: null }] };
    expect(render(template)).toEqual({ '${x}': 1, a: [7, { b: 'is text', c: null }] });
  });

  it('data only once: what a value contains is no template', () => {
    expect(render('${variables.s} ${variables.s}', { s: '${variables.n} $${' })).toBe(
      '${variables.n} $${ ${variables.n} $${',
    );
  });
});

describe('a template fails', () => {
  it('with the expression that failed', () => {
    expect(() => render('a ${variables.gone} b')).toThrow('No such key: gone [expression=variables.gone]');
  });

  it('where its text gets larger than 256 kB', () => {
    const big = 'x'.repeat(200_000);
    expect(() => render('${variables.s}${variables.s}', { s: big })).toThrow(
      'exceeds the limit of 262144 bytes',
    );
    expect(() => render('a${variables.s}', { s: 'é'.repeat(140_000) })).toThrow(
      'exceeds the limit of 262144 bytes',
    );
  });

  it('where it has a problem', () => {
    expect(() => render('a ${')).toThrow(ExpressionFailure);
  });

  it('where data brings a secret of its own, if that is refused', () => {
    const refuse = (template: Json, data: Json): Json =>
      renderTemplate(template, { v: () => data }, new ExpressionBudget(), { refuseSecretsInData: true });
    const reason = 'The data contains ${secret:, which only a definition may write';
    expect(() => refuse('a ${v}', '${secret:KEY}')).toThrow(reason);
    expect(() => refuse('${v}', { deep: ['${secret:KEY}'] })).toThrow(reason);
    expect(() => refuse('${v.a}${v.b}', { a: '${sec', b: 'ret:KEY}' })).toThrow(reason);
    expect(() => refuse('${"$"}${v}', '{secret:KEY}')).toThrow(reason);
    expect(refuse('${secret:A} ${v}', 'fine')).toBe('${secret:A} fine');
  });
});

describe('parsing a template', () => {
  it('finds texts and expressions with their places', () => {
    const text = 'a ${variables.n} b';
    const [before, part, after] = parseTemplate(text).parts;
    expect(before).toBe('a ');
    expect(after).toBe(' b');
    expect(part).toMatchObject({ source: 'variables.n', start: 2, end: 16 });
    expect((part as { references: unknown }).references).toEqual([
      { path: ['variables', 'n'], optional: false, offset: 0, length: 11 },
    ]);
  });

  it('names the secrets, each once', () => {
    expect(parseTemplate('${secret:A} ${secret:B_2} ${secret:A}').secrets).toEqual(['A', 'B_2']);
  });

  const problems: readonly (readonly [text: string, message: string, place: string])[] = [
    ['a ${variables.n b', 'This ${ is never closed', '${'],
    ['a ${ "} ', 'This ${ is never closed', '${'],
    ['a ${ // }', 'This ${ is never closed', '${'],
    ['a ${} b', 'The expression is empty', ''],
    ['a ${x y} b', 'Unexpected "y"', 'y'],
    ['${ok} and ${nope(1)}', 'Unknown function: nope()', 'nope(1)'],
    ['${secret:not a name}', 'The name of a secret', '${secret:not a name}'],
    ['$${secret:A}', '${secret: cannot be written as plain text', '$${secret:'],
  ];

  it.each(problems)('of %s reports its problem and place', (text, message, place) => {
    const [problem, ...others] = parseTemplate(text).problems;
    expect(others).toEqual([]);
    expect(problem?.message).toContain(message);
    expect(text.slice(problem?.offset, (problem?.offset ?? 0) + (problem?.length ?? 0))).toBe(place);
  });
});
