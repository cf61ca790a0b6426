import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../src/expression/index.js';

function problemsOf(source: string): readonly string[] {
  return parseExpression(source).problems.map(({ message, offset, length, hint }) => {
    const place = source.slice(offset, offset + length);
    return `${message} at ${place}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

describe('a source with a problem says what, where and what to write', () => {
  const table: readonly (readonly [source: string, ...problems: string[]])[] = [
    ['a = b', 'Unexpected "=" at =; Compare with =='],
    ['a and b', 'Unexpected "and" at and; Write && for "and"'],
    ['(a', 'Expected ), got the end at '],
    ['a ? b', 'Expected :, got the end at '],
    ['"abc', 'Unterminated string at "abc'],
    ['', 'The expression is empty at '],
    ['${a} + 1', 'Unexpected "$" at $; Inside an expression names stand without ${…}'],
    ['a.`b-c`', 'Unexpected "`" at `; Write a key that is no plain name as map["key"]'],
    ['a.fliter(x, true)', 'Unknown function: fliter() at a.fliter(x, true); Did you mean filter()?'],
    ['frobnicate(a)', 'Unknown function: frobnicate() at frobnicate(a)'],
    ['toString()', 'Unknown function: toString() at toString(); Did you mean string()?'],
    ['size()', 'size() is not called like this at size(); Write size(x) or x.size()'],
    ['a.exists(x)', 'exists() is not called like this at a.exists(x); Write list.exists(x, condition)'],
    [
      'a.matches("(a+)+$")',
      'matches() is not available: a regular expression can run for ever at a.matches("(a+)+$"); Use startsWith, endsWith, contains, or an activity',
    ],
    [
      'cel.bind(x, 1, x + x)',
      'cel.bind() is not available: what it hides could not be priced at cel.bind(x, 1, x + x); Set a variable in outputs and read it in the next expression',
    ],
    [
      't.getHours("Europe/Berlin")',
      'Named time zones are not available: they depend on the host at "Europe/Berlin"; Write a fixed offset such as "+02:00", or "UTC"',
    ],
    ['1u', 'Unsigned integers are not supported at 1u; JSON has one kind of number: leave out the u'],
    ['b"x"', 'Bytes are not supported at b"x"; JSON has no bytes: write a string'],
    ['a.__proto__', 'The key __proto__ is not allowed at a.__proto__'],
    ['a["constructor"]', 'The key constructor is not allowed at "constructor"'],
    ['{"prototype": 1}', 'The key prototype is not allowed at "prototype"'],
    [
      'has(a["b"])',
      'has() takes a field, as in has(a.b) at a["b"]; For a key that is no plain name write "key" in map',
    ],
    [
      'a.b.orValue("")',
      'orValue() needs an optional, which a plain access is not at a.b; Write .?b.orValue(…)',
    ],
    ['a == b in c', '== beside in needs parentheses at b in c; Write a == (b in c) or (a == b) in c'],
    ['a == (b) < c', '== beside < needs parentheses at b) < c; Write a == (b < c) or (a == b) < c'],
    ['9223372036854775808', 'The number does not fit into 64 bits at 9223372036854775808'],
    ['${ a.nope() }', 'Unknown function: nope() at a.nope()'],
    ['nope(1) + a.nope()', 'Unknown function: nope() at nope(1)', 'Unknown function: nope() at a.nope()'],
  ];

  it.each(table)('%s', (source, ...problems) => {
    expect(problemsOf(source)).toEqual(problems);
  });

  it('at most three nested macros are taken', () => {
    const nested = (depth: number): string =>
      depth === 0 ? 'true' : `v.l.all(x${depth}, ${nested(depth - 1)})`;
    expect(problemsOf(nested(3))).toEqual([]);
    expect(problemsOf(nested(4))[0]).toMatch(
      /^Cost of about 2\.0e\+12 exceeds the limit of 1e\+11 .*three of all/,
    );
    expect(parseExpression('[1, 2].all(x, x > 0)').staticCost).toBeLessThan(20);
  });

  it.each([
    ['parentheses', `${'('.repeat(5000)}1${')'.repeat(5000)}`],
    ['brackets', `${'['.repeat(5000)}1`],
    ['nots', `${'!'.repeat(10_000)}true`],
    ['minuses with comments between', `${'-//\n'.repeat(4000)}1`],
    ['terms', `1${'+1'.repeat(8000)}`],
    ['fields', `a${'.b'.repeat(5000)}`],
    ['ternaries', 'a ? '.repeat(4000)],
    ['characters', `"${'x'.repeat(20_000)}"`],
  ])('too many %s are refused, not a crash', (_, source) => {
    expect(problemsOf(source)).toHaveLength(1);
  });

  it('never throws, whatever the source', () => {
    const token = fc.constantFrom(
      ...[
        'a',
        '.',
        '.?',
        '[',
        ']',
        '[?',
        '(',
        ')',
        '{',
        '}',
        '"',
        "'",
        '"""',
        '\\',
        '?',
        ':',
        ',',
        '${',
        '$',
        '//',
      ],
      ...[
        '==',
        '=',
        '!',
        '-',
        '+',
        '<',
        'in',
        'has(',
        'all(x,',
        'orValue(',
        '1',
        '1.5',
        '0x',
        '1e',
        'u',
        '\n',
        ' ',
      ],
    );
    const source = fc.oneof(
      fc.string(),
      fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join('')),
    );
    const property = fc.property(source, (text) => {
      for (const { offset, length } of parseExpression(text).problems) {
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset + length).toBeLessThanOrEqual(text.length);
      }
    });
    fc.assert(property, { numRuns: 3_000, seed: 7 });
  });
});

describe('the references of an expression', () => {
  function referencesOf(source: string): readonly string[] {
    return parseExpression(source).references.map(({ path, optional, offset, length }) => {
      const place = source.slice(offset, offset + length);
      return `${path.join('/')}${optional ? '?' : ''} at ${place}`;
    });
  }

  const table: readonly (readonly [source: string, ...references: string[]])[] = [
    ['tasks.code.status', 'tasks/code/status at tasks.code.status'],
    ['tasks["my-task"].output.x', 'tasks/my-task/output/x at tasks["my-task"].output.x'],
    ['tasks.code[0].status', 'tasks/code/0/status at tasks.code[0].status'],
    ['tasks[variables.t].status', 'tasks at tasks[variables.t].status', 'variables/t at variables.t'],
    ['variables.?x.orValue("")', 'variables/x? at variables.?x'],
    ['a[?"b"].c', 'a/b/c? at a[?"b"].c'],
    ['has(a.b.c)', 'a/b/c? at has(a.b.c)'],
    ['a.list.map(x, x.id + b.c)', 'a/list at a.list', 'b/c at b.c'],
    ['a.map(a, a.b)', 'a at a'],
    ['a.?b.optMap(x, x + y)', 'a/b? at a.?b', 'y at y'],
    ['type(x) == string', 'x at x'],
    ['a.b.size() > 0', 'a/b at a.b'],
    ['optional.of(1)'],
    ['${ a.b }', 'a/b at a.b'],
  ];

  it.each(table)('of %s are its paths from the roots', (source, ...references) => {
    expect(referencesOf(source)).toEqual(references);
  });

  it('give its roots', () => {
    expect([...parseExpression('a.b + c[d.e].all(x, x == f)').roots]).toEqual(['a', 'c', 'd', 'f']);
  });
});

describe('the comparisons of an expression', () => {
  function comparisonsOf(source: string): readonly string[] {
    return parseExpression(source).comparisons.map(({ path, operator, literal, offset, length }) => {
      const place = source.slice(offset, offset + length);
      return `${path.join('/')} ${operator} ${literal} at ${place}`;
    });
  }

  const table: readonly (readonly [source: string, ...comparisons: string[]])[] = [
    ['tasks.a.status == "done"', 'tasks/a/status == done at "done"'],
    ['"done" != tasks.a.status', 'tasks/a/status != done at "done"'],
    ['tasks.a.status in ["x", y, "z"]', 'tasks/a/status in x at "x"', 'tasks/a/status in z at "z"'],
    ['tasks.?a.status.orValue("") == "q"', 'tasks/a/status == q at "q"'],
    ['tasks.exists(t, t.status == "x")'],
    ['tasks[i].status == "x"'],
    ['"x" in variables.tags'],
  ];

  it.each(table)('of %s are those with strings', (source, ...comparisons) => {
    expect(comparisonsOf(source)).toEqual(comparisons);
  });
});
