import type { FileText, Finding } from './audit-file.js';
import { languageNamed } from './languages.js';
import { maskCode } from './mask-code.js';

/** Fewer lines of code than this need no test of their own. */
const MIN_CODE_LINES = 10;

/**
 * Source files that no test mentions: neither does a test import a file of that name, nor bear its name
 * (`parse.test.ts`, `test_parse.py`, `parse_test.go`, `ParseTest.java`). Declarations and files with hardly any code
 * are left out. `tests` are all tests of the tree, whatever the round looks at.
 */
export function findMissingTests(
  sources: readonly FileText[],
  tests: readonly FileText[],
): readonly Finding[] {
  const mentioned = new Set(tests.flatMap((test) => [subjectOf(test.path), ...mentionsIn(test.text)]));
  return sources
    .map((file) => ({ file, lines: countCodeLines(file) }))
    .filter(({ file, lines }) => lines >= MIN_CODE_LINES && !mentioned.has(stemOf(file.path)))
    .map(({ file, lines }) => ({
      path: file.path,
      line: 1,
      weight: lines,
      what: `${String(lines)} lines of code that no test mentions`,
    }));
}

/** What a test is about, by its name. */
function subjectOf(path: string): string {
  return stemOf(path)
    .replace(/^test[_-]/, '')
    .replace(/([._-](?:test|spec)|Tests?)$/, '');
}

/** The file's name without folders and extension; an `index` or `mod` goes by its folder. */
function stemOf(path: string): string {
  const parts = path.split('/');
  const stem = (parts.at(-1) ?? '').replace(/\.d\.ts$|\.[^.]+$/, '');
  return /^(?:index|mod|__init__|main|lib)$/.test(stem) ? (parts.at(-2) ?? stem) : stem;
}

/** Stems in quoted paths and in import statements without quotes. */
function mentionsIn(text: string): readonly string[] {
  const quoted = [...text.matchAll(/["'`]([^"'`\n]{1,300})["'`]/g)].map((match) => match[1] ?? '');
  const imported = [...text.matchAll(/^\s*(?:from|import|use|using)\s+([\w.:/]+)(?:\s+import\s+(.+))?/gm)];
  const names = imported.flatMap((match) => [
    ...(match[1] ?? '').split(/[.:/]+/),
    ...(match[2] ?? '').split(/[\s,()]+/),
  ]);
  return [...quoted.filter((path) => /^[\w@./-]+$/.test(path)).map(stemOf), ...names];
}

function countCodeLines(file: FileText): number {
  const language = languageNamed(file.language);
  if (language === undefined || language.blocks === 'none' || file.path.endsWith('.d.ts')) return 0;
  const { comments } = maskCode(file.text, language);
  const commentLines = comments.split('\n');
  const isCode = (raw: string, index: number): boolean =>
    raw.trim() !== (commentLines[index] ?? '').trim() && /\w/.test(raw) && !/^\s*import\b/.test(raw);
  return file.text.split('\n').filter(isCode).length;
}
