import type { FileText, Finding } from './audit-file.js';
import { languageNamed } from './languages.js';
import { maskCode } from './mask-code.js';

/** Fewer lines of code than this need no test of their own. */
const MIN_CODE_LINES = 10;
/** What no test reaches at all is listed before what one reaches from afar. */
const UNREACHED = 100_000;

/** A source that a test reaches through so many files, itself included, counts as tested. */
const NEAR = 2;

export interface Tree {
  readonly sources: readonly FileText[];
  readonly tests: readonly FileText[];
}

/**
 * Source files without a test near them: no test imports them or bears their name (`parse.test.ts`, `test_parse.py`,
 * `parse_test.go`, `ParseTest.java`), nor does one import a file that imports them. Declarations and files with
 * hardly any code are left out. `files` are those to judge, `tree` all that can lead to them; files are told by name,
 * so two of one name pass for each other.
 */
export function findMissingTests(files: readonly FileText[], tree: Tree): readonly Finding[] {
  const distances = distancesFromTests(tree);
  return files.flatMap((file) => {
    const lines = countCodeLines(file);
    const distance = distances.get(stemOf(file.path)) ?? Infinity;
    if (lines < MIN_CODE_LINES || distance <= NEAR) return [];
    const far = Number.isFinite(distance);
    const why = far ? `the nearest test is ${String(distance)} files away` : 'no test reaches it';
    return [
      {
        path: file.path,
        line: 1,
        weight: far ? lines : lines + UNREACHED,
        what: `${why} (${String(lines)} lines)`,
      },
    ];
  });
}

/** How many files, itself included, lie between a test and each source that one leads to, by stem. */
function distancesFromTests({ sources, tests }: Tree): ReadonlyMap<string, number> {
  const mentions = new Map<string, readonly string[]>();
  for (const { path, text } of sources) {
    mentions.set(stemOf(path), [...(mentions.get(stemOf(path)) ?? []), ...mentionsIn(text)]);
  }
  const distances = new Map<string, number>();
  let next = tests.flatMap((test) => [subjectOf(test.path), ...mentionsIn(test.text)]);
  for (let distance = 1; next.length > 0; distance += 1) {
    const reached = [...new Set(next)].filter((stem) => mentions.has(stem) && !distances.has(stem));
    for (const stem of reached) distances.set(stem, distance);
    next = reached.flatMap((stem) => mentions.get(stem) ?? []);
  }
  return distances;
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
  const imported = [
    ...text.matchAll(/^[ \t]*(?:from|import|use|using)[ \t]+([\w.:/]+)(?:[ \t]+import[ \t]+(.+))?/gm),
  ];
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
