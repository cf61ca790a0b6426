import type { FileText, Finding } from './audit-file.js';
import { languageNamed } from './languages.js';
import { createLineIndex } from './line-index.js';
import { maskCode } from './mask-code.js';

const WEIGHTS: Readonly<Record<string, number>> = { FIXME: 4, XXX: 3, HACK: 2, TODO: 1 };
/** A mark that opens the comment, or one with a colon or an owner: prose about marks is none. */
const MARK =
  /(?:(?<=^[^\w\n]*)(TODO|FIXME|HACK|XXX)\b(?!,)|\b(TODO|FIXME|HACK|XXX)(?=:|\([^)\n]*\)))(?:\(([^)\n]*)\))?[:\s-]*([^\n]*)/gm;

/** TODO, FIXME, HACK and XXX in comments; in files that are no code, at the start of a line or of a list item. */
export function findTodos(file: FileText): readonly Finding[] {
  const language = languageNamed(file.language);
  const text = language === undefined ? plainMarks(file.text) : maskCode(file.text, language).comments;
  const lineAt = createLineIndex(text);
  return [...text.matchAll(MARK)].map((match) => {
    const mark = match[1] ?? match[2] ?? '';
    const what = describeMark(mark, match[3], match[4] ?? '');
    return { path: file.path, line: lineAt(match.index), weight: WEIGHTS[mark] ?? 0, what };
  });
}

/** Prose speaks about TODOs; only a line that begins with one is one. */
function plainMarks(text: string): string {
  return text.replace(/^(?!\s*(?:[-*]\s*(?:\[.\]\s*)?)?(?:TODO|FIXME|HACK|XXX)\b.*$).*$/gm, (line) =>
    ' '.repeat(line.length),
  );
}

function describeMark(mark: string, owner: string | undefined, rest: string): string {
  const words = rest.replace(/(\*\/|-->)\s*$/, '').trim();
  const short = words.length > 100 ? `${words.slice(0, 99)}…` : words;
  return `${mark}${owner === undefined ? '' : ` (${owner})`}: ${short === '' ? 'no words' : short}`;
}
