/**
 * Texts made to hurt. `yaml` on its own aborts the process, uncatchably, on the first of these (9 of 9 processes), and
 * takes seconds for the second. Time is counted as this process's own, so that a busy machine doesn't fail the test.
 */
import { describe, expect, it } from 'vitest';
import { checkDefinition, DEFINITION_LIMITS, parseDefinition } from '../../src/definition/index.js';

const MAX_MS = 200;

/**
 * What a run costs in processor time: the least of up to six, since a compiler and a collector run beside. The first
 * two of a process take three and two times what the fourth does; with the counters of coverage in it, more of them do.
 */
function cpuMs(run: () => void, enough: number): number {
  let least = Infinity;
  for (let count = 0; count < 6 && least >= enough; count++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

function fill(unit: string, size: number = DEFINITION_LIMITS.maxBytes): string {
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
}

const KEYS = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('');

const REFUSED: readonly (readonly [name: string, text: string, code: string])[] = [
  ['20,000 open brackets', '['.repeat(20_000), 'nested-too-deep'],
  ['20,000 brackets that close again', '['.repeat(20_000) + ']'.repeat(20_000), 'nested-too-deep'],
  ['20,000 open braces', '{a: '.repeat(20_000), 'nested-too-deep'],
  ['20,000 dashes', '- '.repeat(20_000), 'nested-too-deep'],
  ['20,000 question marks', '? '.repeat(20_000), 'nested-too-deep'],
  ['20,000 keys in one map', KEYS, 'too-many-keys'],
  ['20,000 keys in braces', `{${KEYS.replaceAll('\n', ',')}}`, 'too-many-keys'],
  ['20,000 keys of JSON', `{${KEYS.replaceAll(/k(\d+): 1\n/g, '"k$1":1,').slice(0, -1)}}`, 'too-many-keys'],
  [
    'indentation of 400 levels',
    Array.from({ length: 400 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''),
    'nested-too-deep',
  ],
  ['JSON of 100 levels', '{"a":'.repeat(100) + '1' + '}'.repeat(100), 'nested-too-deep'],
  ['10 MB', 'a'.repeat(10_000_000), 'document-too-large'],
  ['256 KiB of characters of three bytes', '字'.repeat(90_000), 'document-too-large'],
  ['a million values', fill('- 1\n'), 'too-many-values'],
  ['NUL', 'name: \0', 'control-character'],
];

describe('a hostile text', () => {
  it.each(REFUSED)('is refused at once: %s', (_, text, code) => {
    let codes: readonly string[] = [];
    const spent = cpuMs(() => (codes = parseDefinition(text).diagnostics.map((found) => found.code)), MAX_MS);
    expect(codes).toEqual([code]);
    expect(spent).toBeLessThan(MAX_MS);
  });

  it('is refused forty times in one process, where the parser alone would abort it', () => {
    const texts = REFUSED.filter(([name]) => /^20,000 (open|dashes|keys in one)/.test(name));
    const before = process.cpuUsage();
    for (let round = 0; round < 40; round++) {
      for (const [, text, code] of texts) expect(parseDefinition(text).diagnostics[0]?.code).toBe(code);
    }
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / (40 * texts.length)).toBeLessThan(MAX_MS);
  }, 120_000);

  it('may be 10 MB at next to no cost', () => {
    const text = 'a'.repeat(10_000_000);
    expect(cpuMs(() => parseDefinition(text), 50)).toBeLessThan(50);
  });

  it('is refused where aliases stand for a billion laughs', () => {
    const levels = Array.from({ length: 20 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(10)}]\n`);
    const text = `a0: &a0 [lol]\n${levels.join('')}`;
    expect(parseDefinition(text).diagnostics.map(({ code }) => code)).toEqual(['too-many-values']);
    const long = `a0: &a0 ${'x'.repeat(100_000)}\nb: [${'*a0,'.repeat(1_000)}]\n`;
    expect(parseDefinition(long).diagnostics.map(({ code }) => code)).toEqual(['document-too-large']);
  });

  it('may be an alias that stands within what it names', () => {
    const { diagnostics } = parseDefinition('a: &a { b: *a }\n');
    const ofAlias = diagnostics.filter(({ path }) => path.startsWith('a.'));
    expect(ofAlias.map(({ code, path }) => [code, path])).toEqual([['yaml-syntax', 'a.b']]);
  });

  it('may use 64 levels and 1,000 keys, and not one more', () => {
    const nested = (levels: number) => `name: ${'['.repeat(levels)}${']'.repeat(levels)}\n`;
    const codeOf = (text: string) => parseDefinition(text).diagnostics[0]?.code;
    expect(codeOf(nested(DEFINITION_LIMITS.maxDepth - 1))).not.toBe('nested-too-deep');
    expect(codeOf(nested(DEFINITION_LIMITS.maxDepth))).toBe('nested-too-deep');
    const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}: 1\n`).join('');
    expect(codeOf(keys(DEFINITION_LIMITS.maxKeys))).not.toBe('too-many-keys');
    expect(codeOf(keys(DEFINITION_LIMITS.maxKeys + 1))).toBe('too-many-keys');
  });

  it('is told what to do about its limits, and where it has passed them', () => {
    const deep = parseDefinition(`name: t\nresult: ${'['.repeat(70)}`).diagnostics;
    const wide = parseDefinition(`name: t\nresult: { ${'a: 1, '.repeat(1_100)} }`).diagnostics;
    const nested: unknown = JSON.parse('['.repeat(70) + ']'.repeat(70));
    const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, n) => [`k${n}`, n]));
    const objects = [{ a: nested }, { a: many }].flatMap((value) => checkDefinition(value).diagnostics);
    const found = [...deep, ...wide, ...objects].map(({ code, line, hint }) => [code, line, hint]);
    const hints = {
      deep: 'move deep data to a file, or split the document into subworkflows',
      wide: 'write a list, or move the data to a file',
    };
    expect(found).toEqual([
      ['nested-too-deep', 2, hints.deep],
      ['too-many-keys', 2, hints.wide],
      ['nested-too-deep', 1, hints.deep],
      ['too-many-keys', 1, hints.wide],
    ]);
  });

  it('may have brackets in its texts as it likes', () => {
    const text = `name: t\nversion: "1"\nphases:\n  - name: a\n    task: |\n      ${'[{'.repeat(5_000)}\n`;
    expect(parseDefinition(text).diagnostics).toEqual([]);
  });

  it('says so where it has more problems than are shown', () => {
    const phases = Array.from({ length: 300 }, (_, n) => `  - { name: p${n}, tsk: 1 }\n`).join('');
    const { definition, diagnostics } = parseDefinition(`name: t\nversion: "1"\nphases:\n${phases}`);
    expect(definition).toBeNull();
    expect(diagnostics).toHaveLength(DEFINITION_LIMITS.maxProblems + 1);
    expect(diagnostics.at(-1)).toMatchObject({ code: 'too-many-problems', severity: 'error' });
  });
});

const UNITS = [
  ...[
    '[',
    '{',
    '- ',
    '? ',
    ': ',
    'a: ',
    '[{',
    '{a: ',
    '[[],',
    '{a: 1},',
    'a,',
    '[a,',
    ',',
    '[,',
    '\n',
    'a:\n',
  ],
  ...[
    '- a\n',
    '- \n',
    'a: b\n',
    '#\n',
    '!a ',
    '&a ',
    '*a ',
    '"',
    "''",
    '"a": ',
    '"a"\n',
    '- |\n',
    '  |\n',
    '>',
  ],
  ...[
    '%a\n',
    '---\n',
    '...\n',
    '--- a\n',
    '\t',
    '\r\n',
    ' \n',
    'a\n ',
    'a b\n',
    '}',
    ']',
    '[]',
    '[]\n',
    '? a\n',
  ],
  ...[
    '- ? ',
    '? - ',
    '[? ',
    'a: - ',
    '- a: ',
    '@',
    'é',
    'a#',
    '!!str ',
    '!<a> ',
    '"\n',
    '- [\n',
    '- {\n',
    '<<: ',
  ],
];

const FLOWS = [
  'a,',
  '1,',
  'a: b,',
  '\n',
  '"a",',
  '[],',
  '{},',
  '!a ',
  '&a a,',
  '*a,',
  ',',
  '#\n',
  '? a,',
  ': ,',
  'a[',
  'a[1],',
  'a{ ',
  '"',
];

describe('256 KiB of one token', () => {
  const texts = [...UNITS, ...['[', 'a: {'].flatMap((open) => FLOWS.map((unit) => open + unit))];
  it.each(texts)('is answered in bounded time: %j', (unit) => {
    const open = /^(a: )?[[{](?=.)/s.exec(unit)?.[0] ?? '';
    const text = open + fill(unit.slice(open.length), DEFINITION_LIMITS.maxBytes - open.length);
    let first: string | undefined;
    const spent = cpuMs(() => (first = parseDefinition(text).diagnostics[0]?.code), 2 * MAX_MS);
    expect(first).toBeDefined();
    expect(spent).toBeLessThan(2 * MAX_MS);
  });
});

/** A definition around one part that is repeated. */
function around(part: (index: number) => string): string {
  let text = 'name: t\nversion: "1"\nphases:\n';
  for (let index = 0; text.length < 250_000; index++) text += part(index);
  return text;
}

const LARGE: readonly (readonly [name: string, text: string])[] = [
  ['phases', around((n) => `  - name: p${n}\n`)],
  ['phases of one name', around(() => `  - name: p\n`)],
  ['unknown targets', around((n) => `  - { name: p${n}, next: q${n} }\n`)],
  ['expressions', around((n) => `  - { name: p${n}, condition: variables.a${n} == phases.q${n}.visits }\n`)],
  [
    'templates in one text',
    `name: t\nversion: "1"\nphases:\n  - name: a\n    task: "${'${x}'.repeat(15_000)}"\n`,
  ],
  [
    'one long expression',
    `name: t\nversion: "1"\nphases:\n  - name: a\n    condition: ${'a+'.repeat(100_000)}a\n`,
  ],
  ['parentheses', `name: t\nversion: "1"\nphases:\n  - name: a\n    condition: ${'('.repeat(100_000)}\n`],
  ['negations', `name: t\nversion: "1"\nphases:\n  - name: a\n    condition: "${'!'.repeat(100_000)}a"\n`],
  ['unknown keys', around((n) => `  - { name: p${n}, tsk${n}: 1, tasc: 2 }\n`)],
];

describe('a large definition', () => {
  it.each(LARGE)('is answered in bounded time: %s', (_, text) => {
    expect(cpuMs(() => parseDefinition(text), 3 * MAX_MS)).toBeLessThan(3 * MAX_MS);
  });

  it('may hold 5,000 lines, and is read', () => {
    const phases = Array.from(
      { length: 1_000 },
      (_, n) => `  - name: p${n}\n    task: Do ${n}\n    timeout_sec: 60\n`,
    );
    const text = `name: t\nversion: "1"\nphases:\n${phases.join('')}`;
    const { definition, diagnostics } = parseDefinition(text);
    expect(diagnostics).toEqual([]);
    expect(definition?.phases).toHaveLength(1_000);
  });
});
