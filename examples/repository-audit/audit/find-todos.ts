import type { FileText, Finding } from './audit-file.js';
import { languageNamed } from './languages.js';
import { maskCode } from './mask-code.js';

const WEIGHTS: Readonly<Record<string, number>> = { FIXME: 4, XXX: 3, HACK: 2, TODO: 1 };

/** A mark, its owner and its words. */
const MARK = /\b(TODO|FIXME|HACK|XXX)\b(?:\(([^)]*)\))?(:?)[\s:-]*(.*)$/;
/** What may stand before a mark that opens a line of prose. */
const LIST_ITEM = /^\s*(?:[-*]\s*)?(?:\[.\]\s*)?$/;
/** No person writes longer lines: they are data. */
const MAX_LINE = 2000;

/** TODO, FIXME, HACK and XXX in comments; in files that are no code, at the start of a line or of a list item. */
export function findTodos(file: FileText): readonly Finding[] {
  const language = languageNamed(file.language);
  const text = language === undefined ? file.text : maskCode(file.text, language).comments;
  return text.split('\n').flatMap((line, index) => {
    const match = line.length > MAX_LINE ? null : MARK.exec(line);
    if (match === null || !isMark(match, language !== undefined)) return [];
    const [, mark = '', owner, , words = ''] = match;
    const what = describeMark(mark, owner, words);
    return [{ path: file.path, line: index + 1, weight: WEIGHTS[mark] ?? 0, what }];
  });
}

/** Prose speaks about marks. In a comment, one opens it, or has an owner or a colon; elsewhere it opens the line. */
function isMark(match: RegExpExecArray, inComment: boolean): boolean {
  const before = match.input.slice(0, match.index);
  const [, , owner, colon, words = ''] = match;
  if (!inComment) return LIST_ITEM.test(before);
  if (owner !== undefined || colon === ':') return true;
  return !/\w/.test(before) && !words.startsWith(',');
}

function describeMark(mark: string, owner: string | undefined, rest: string): string {
  const words = rest.replace(/(\*\/|-->)\s*$/, '').trim();
  const short = words.length > 100 ? `${words.slice(0, 99)}…` : words;
  return `${mark}${owner === undefined ? '' : ` (${owner})`}: ${short === '' ? 'no words' : short}`;
}
