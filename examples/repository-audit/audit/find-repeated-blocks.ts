import { createHash } from 'node:crypto';
import type { FileText, Finding } from './audit-file.js';
import { languageNamed } from './languages.js';
import { maskCode } from './mask-code.js';

interface CodeLine {
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
}

interface Place {
  readonly file: number;
  readonly index: number;
}

/** Lines that say nothing by themselves: a repeat of them is no repeat. */
const TRIVIAL =
  /^(?:[\s{}()[\];,.:]*|(?:import|from|export \{|use|using|include|#include|package|require)\b.*)$/;

/**
 * Blocks of at least `minLines` lines of code that stand in several places: windows of normalised lines are hashed,
 * and a match is followed as far as it goes. Comments, imports and lone brackets don't count as lines. Each repeat
 * is reported once, at its later place; time is linear in the lines but for the matches followed.
 */
export function findRepeatedBlocks(files: readonly FileText[], minLines: number): readonly Finding[] {
  const codeLines = files.map(listCodeLines);
  const seen = new Map<string, Place>();
  return codeLines.flatMap((_, file) => repeatsOfFile({ files, codeLines, seen, minLines }, file));
}

interface Search {
  readonly files: readonly FileText[];
  readonly codeLines: readonly (readonly CodeLine[])[];
  readonly seen: Map<string, Place>;
  readonly minLines: number;
}

function repeatsOfFile(search: Search, file: number): readonly Finding[] {
  const lines = search.codeLines[file] ?? [];
  const findings: Finding[] = [];
  let reportedTo = 0;
  for (let index = 0; index + search.minLines <= lines.length; index += 1) {
    const key = hashWindow(lines, index, search.minLines);
    const first = search.seen.get(key);
    if (first === undefined) {
      search.seen.set(key, { file, index });
      continue;
    }
    if (index < reportedTo) continue;
    const length = matchLength(search, first, { file, index });
    if (length < search.minLines) continue;
    findings.push(describeRepeat(search, first, { file, index }, length));
    reportedTo = index + length;
  }
  return findings;
}

/** How far two places agree; a block never overlaps its own repeat in the same file. */
function matchLength(search: Search, a: Place, b: Place): number {
  const left = search.codeLines[a.file] ?? [];
  const right = search.codeLines[b.file] ?? [];
  const most = a.file === b.file ? b.index - a.index : Infinity;
  let length = 0;
  while (length < most && left[a.index + length] !== undefined) {
    if (left[a.index + length]?.text !== right[b.index + length]?.text) break;
    length += 1;
  }
  return length;
}

function describeRepeat(search: Search, first: Place, again: Place, length: number): Finding {
  const origin = search.files[first.file];
  const line = search.codeLines[first.file]?.[first.index]?.line ?? 0;
  return {
    path: search.files[again.file]?.path ?? '',
    line: search.codeLines[again.file]?.[again.index]?.line ?? 0,
    weight: length,
    what: `${String(length)} lines as in ${origin?.path ?? ''}:${String(line)}`,
  };
}

function listCodeLines(file: FileText): readonly CodeLine[] {
  const language = languageNamed(file.language);
  if (language === undefined) return [];
  const { comments } = maskCode(file.text, language);
  const commentLines = comments.split('\n');
  return file.text.split('\n').flatMap((raw, index) => {
    const comment = (commentLines[index] ?? '').trim();
    const text = raw.replace(comment, '').trim().replace(/\s+/g, ' ');
    return TRIVIAL.test(text) ? [] : [{ text, line: index + 1 }];
  });
}

function hashWindow(lines: readonly CodeLine[], from: number, count: number): string {
  const hash = createHash('sha1');
  for (let index = from; index < from + count; index += 1) hash.update(`${lines[index]?.text ?? ''}\n`);
  return hash.digest('base64');
}
