import type { Language } from './languages.js';

/** `code` with strings and comments blanked out, `comments` with everything but comments blanked out. */
export interface MaskedCode {
  readonly code: string;
  readonly comments: string;
}

type Stretch = { readonly end: number; readonly comment: boolean };

/**
 * Tells code from strings and comments. Both results have the length and the line breaks of the text, so offsets and
 * line numbers stay true. A scanner, not a parser: an interpolated expression counts as a string.
 */
export function maskCode(text: string, language: Language): MaskedCode {
  const code: string[] = [];
  const comments: string[] = [];
  const opening = openingOf(language);
  let plainFrom = 0;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const stretch = stretchAt(text, match.index, language);
    if (stretch === null) continue;
    const plain = text.slice(plainFrom, match.index);
    const masked = text.slice(match.index, stretch.end);
    code.push(plain, blank(masked));
    comments.push(blank(plain), stretch.comment ? masked : blank(masked));
    plainFrom = stretch.end;
    opening.lastIndex = stretch.end;
  }
  code.push(text.slice(plainFrom));
  comments.push(blank(text.slice(plainFrom)));
  return { code: code.join(''), comments: comments.join('') };
}

/** Finds the characters with which a string, a comment or a regular expression can begin; all else is skipped. */
function openingOf({ lineComments, quotes, longQuotes }: Language): RegExp {
  const first = ['/', ...lineComments, ...quotes, ...longQuotes].map((mark) => mark[0]);
  return new RegExp(`[${[...new Set(first)].join('').replace('-', '\\-')}]`, 'g');
}

function stretchAt(text: string, at: number, language: Language): Stretch | null {
  for (const mark of language.lineComments) {
    if (text.startsWith(mark, at)) return { end: endOfLine(text, at), comment: true };
  }
  if (language.blockComments && text.startsWith('/*', at)) {
    return { end: endAfter(text, '*/', at + 2), comment: true };
  }
  for (const quote of language.longQuotes) {
    if (text.startsWith(quote, at)) return { end: endOfString(text, quote, at, true), comment: false };
  }
  for (const quote of language.quotes) {
    if (text.startsWith(quote, at)) return { end: endOfString(text, quote, at, false), comment: false };
  }
  return regexAt(text, at, language);
}

/** A regular expression literal: quotes and braces in it would upset the count. */
function regexAt(text: string, at: number, language: Language): Stretch | null {
  if (text[at] !== '/' || !/^(type|java)script$/.test(language.name)) return null;
  const before = text
    .slice(Math.max(0, at - 20), at)
    .replace(/[ \t]+$/, '')
    .slice(-7);
  if (before !== '' && !/([=(,:[!&|?{};\n>]|\breturn)$/.test(before)) return null;
  const literal = /^\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//.exec(text.slice(at, at + 500));
  return literal === null ? null : { end: at + literal[0].length, comment: false };
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function endAfter(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end + mark.length;
}

function endOfString(text: string, quote: string, at: number, overLines: boolean): number {
  for (let i = at + quote.length; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '\n' && !overLines) return i;
    else if (text.startsWith(quote, i)) return i + quote.length;
  }
  return text.length;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
