import { expect, it } from 'vitest';
import { findMissingTests } from '../../../../examples/repository-audit/audit/find-missing-tests.js';
import type { FileText } from '../../../../examples/repository-audit/audit/audit-file.js';

const code = 'x = f(1)\n'.repeat(12);
const source = (path: string, language = 'typescript', text = code): FileText => ({
  path,
  language,
  kind: 'source',
  text,
});
const test = (path: string, text: string): FileText => ({ path, language: 'typescript', kind: 'test', text });
const missing = (sources: readonly FileText[], tests: readonly FileText[]): string[] =>
  findMissingTests(sources, { sources, tests }).map((finding) => finding.path);

it('lets a source pass that a test imports or is named after', () => {
  const sources = [source('src/parse.ts'), source('src/render.ts'), source('src/lonely.ts')];
  const tests = [
    test('test/all.test.ts', `import { parse } from '../src/parse.js';`),
    test('src/render.test.ts', 'nothing'),
  ];
  expect(missing(sources, tests)).toEqual(['src/lonely.ts']);
});

it.each([
  ['tests/test_parse.py', ''],
  ['parse_test.go', ''],
  ['src/ParseTest.java', ''],
  ['tests/test_all.py', 'from package.parse import thing'],
  ['tests/test_all.py', 'from package import parse, other'],
])('knows how other languages name and mention: %s %s', (path, text) => {
  const stem = path.endsWith('.java') ? 'Parse' : 'parse';
  expect(missing([source(`src/${stem}.py`, 'python')], [test(path, text)])).toEqual([]);
});

it('takes an index for its folder', () => {
  expect(
    missing([source('src/client/index.ts')], [test('test/a.test.ts', `import '../src/client/index.js'`)]),
  ).toEqual([]);
  expect(
    missing([source('src/client/index.ts')], [test('test/a.test.ts', `import '../src/core/index.js'`)]),
  ).toEqual(['src/client/index.ts']);
});

it('asks no test of declarations and of files with hardly any code', () => {
  const comments = `// ${'x'.repeat(20)}\n`.repeat(50);
  expect(
    missing(
      [source('a.d.ts'), source('b.ts', 'typescript', comments), source('c.ts', 'typescript', 'f();\n')],
      [],
    ),
  ).toEqual([]);
});

it('counts what a tested file imports as tested, and says how far away or unreached the rest is', () => {
  const importing = (name: string, ...imports: readonly string[]): FileText =>
    source(`src/${name}.ts`, 'typescript', code + imports.map((to) => `import './${to}.js';\n`).join(''));
  const sources = [
    importing('entry', 'near'),
    importing('near', 'far'),
    importing('far', 'near'),
    importing('island'),
  ];
  const tests = [test('test/entry.test.ts', `import '../src/entry.js';`)];
  expect(findMissingTests(sources, { sources, tests }).map(({ what }) => what)).toEqual([
    'the nearest test is 3 files away (12 lines)',
    'no test reaches it (12 lines)',
  ]);
});
