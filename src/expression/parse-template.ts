/**
 * Templates: text with expressions in `${…}`.
 *
 * T1 The lexer of CEL finds the closing brace, so braces in strings, maps and comments are part of the expression.
 * T2 `$${` stands for the two characters `${`. A dollar before a value is written `${"$"}${…}`.
 * T3 `${secret:NAME}` is no expression: it stays in the text, and the activity that needs it looks it up.
 */
import { BoundedCache } from './bounded-cache.js';
import type { ExpressionProblem } from './expression-problem.js';
import { parseExpression } from './parse-expression.js';
import type { ParsedExpression } from './parsed-expression.js';
import { findClosingBrace } from './scan-source.js';

/** What a reference to a secret begins with. */
export const SECRET_PREFIX = '${secret:';
const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/** An expression in a template. Its own offsets count from its source, which begins at `start + 2` of the text. */
export interface TemplatePart extends ParsedExpression {
  /** Where the `$` stands in the text. */
  readonly start: number;
  /** The index behind the `}`. */
  readonly end: number;
}

export interface ParsedTemplate {
  /** Literal text, unescaped, and expressions, in order; no two texts in a row, none of them empty. */
  readonly parts: readonly (string | TemplatePart)[];
  /** Offsets count from the start of the text. */
  readonly problems: readonly ExpressionProblem[];
  /** The names of the secrets, in order, each once. */
  readonly secrets: readonly string[];
}

const cache = new BoundedCache<ParsedTemplate>();

/** Parses a template. Never throws; a bounded number of results is remembered by their text. */
export function parseTemplate(text: string): ParsedTemplate {
  if (!text.includes('${')) return { parts: text === '' ? [] : [text], problems: [], secrets: [] };
  return cache.getOrMake(text, scanTemplate);
}

interface Draft {
  readonly parts: (string | TemplatePart)[];
  readonly problems: ExpressionProblem[];
  readonly secrets: Set<string>;
}

function scanTemplate(text: string): ParsedTemplate {
  const draft: Draft = { parts: [], problems: [], secrets: new Set() };
  let index = 0;
  while (index < text.length) {
    const open = text.indexOf('${', index);
    addText(draft, text.slice(index, open === -1 ? text.length : open));
    if (open === -1) break;
    index =
      text[open - 1] === '$' && open > index
        ? addEscape(draft, text, open)
        : addPlaceholder(draft, text, open);
  }
  return { parts: draft.parts, problems: draft.problems, secrets: [...draft.secrets] };
}

function addText({ parts }: Draft, text: string): void {
  if (text === '') return;
  const last = parts.at(-1);
  if (typeof last === 'string') parts[parts.length - 1] = last + text;
  else parts.push(text);
}

/** The first `$` of `$${` was added as text already, so that the brace alone is missing. */
function addEscape(draft: Draft, text: string, open: number): number {
  if (text.startsWith(SECRET_PREFIX, open)) {
    const message = '${secret: cannot be written as plain text: it would be resolved all the same';
    draft.problems.push({ message, offset: open - 1, length: SECRET_PREFIX.length + 1 });
  }
  addText(draft, '{');
  return open + 2;
}

function addPlaceholder(draft: Draft, text: string, open: number): number {
  if (text.startsWith(SECRET_PREFIX, open)) return addSecret(draft, text, open);
  const close = findClosingBrace(text, open + 2);
  if (close === -1) {
    draft.problems.push({
      message: 'This ${ is never closed',
      offset: open,
      length: 2,
      hint: 'Add the }, or write $${ for the characters ${',
    });
    return text.length;
  }
  const parsed = parseExpression(text.slice(open + 2, close));
  draft.parts.push({ ...parsed, start: open, end: close + 1 });
  for (const problem of parsed.problems) {
    draft.problems.push({ ...problem, offset: problem.offset + open + 2 });
  }
  return close + 1;
}

function addSecret(draft: Draft, text: string, open: number): number {
  const close = text.indexOf('}', open);
  const end = close === -1 ? text.length : close + 1;
  const name = text.slice(open + SECRET_PREFIX.length, close === -1 ? text.length : close);
  if (close !== -1 && SECRET_NAME.test(name)) {
    draft.secrets.add(name);
    addText(draft, text.slice(open, end));
  } else {
    const message = 'The name of a secret takes letters, digits, - _ and ., as in ${secret:API_TOKEN}';
    draft.problems.push({ message, offset: open, length: end - open });
  }
  return end;
}
