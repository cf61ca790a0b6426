import type { ParseError } from '@marcbachmann/cel-js';
import type { ExpressionProblem } from './expression-problem.js';

/** The library's names of tokens, as a person writes them. */
const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end',
  NUMBER: 'a number',
  STRING: 'a string',
  BOOLEAN: 'a boolean',
  NULL: 'null',
  IDENTIFIER: 'a name',
  PLUS: '+',
  MINUS: '-',
  MULTIPLY: '*',
  DIVIDE: '/',
  MODULO: '%',
  EQ: '==',
  NE: '!=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  AND: '&&',
  OR: '||',
  NOT: '!',
  IN: 'in',
  LPAREN: '(',
  RPAREN: ')',
  LBRACKET: '[',
  RBRACKET: ']',
  LBRACE: '{',
  RBRACE: '}',
  DOT: '.',
  COMMA: ',',
  COLON: ':',
  QUESTION: '?',
  BYTES: 'bytes',
};

/** What people write for what they mean. */
const HINTS: Readonly<Record<string, string>> = {
  '=': 'Compare with ==',
  '&': 'Write && for "and"',
  '|': 'Write || for "or"',
  and: 'Write && for "and"',
  or: 'Write || for "or"',
  not: 'Write ! for "not"',
  is: 'Compare with ==',
  $: 'Inside an expression names stand without ${…}',
  '`': 'Write a key that is no plain name as map["key"]',
};

/** Turns the library's error into a problem of ours. */
export function describeSyntaxError(error: ParseError, source: string): ExpressionProblem {
  const offset = Math.min(error.range?.start ?? source.length, source.length);
  const end = Math.max(error.range?.end ?? offset, Math.min(offset + 1, source.length));
  const found = source.slice(offset, end);
  const hint = Object.hasOwn(HINTS, found) ? HINTS[found] : undefined;
  return {
    message: describe(error, found),
    offset,
    length: end - offset,
    ...(hint === undefined ? {} : { hint }),
  };
}

function describe(error: ParseError, found: string): string {
  if (error.code === 'unexpected_character') return `Unexpected ${found === '' ? 'end' : `"${found}"`}`;
  if (error.code === 'limit_exceeded') return error.summary.replace('Exceeded', 'The expression exceeds');
  return error.summary.replace(/\b[A-Z]{2,}\b/g, (name) => TOKENS[name] ?? name);
}
