/**
 * The way into the YAML parser. `yaml` composes by recursion and aborts the whole process, uncatchably, on some
 * hundred nested brackets, and its check for duplicate keys is quadratic. So its lexer and its parser, neither of
 * which recurses by depth while the stack is short, are driven here token by token, and stopped at the first limit
 * passed. Only what came through is composed.
 */
import { CST, Lexer, Parser } from 'yaml';
import type { Finding } from './finding.js';
import { DEFINITION_LIMITS as LIMITS } from './limits.js';
import { StrayBrackets } from './stray-brackets.js';
import { findUnclosedQuote } from './unclosed-quote.js';

/** Tokens ready to be composed, with the problems that are seen in them best. */
export interface Scanned {
  readonly tokens: readonly CST.Token[];
  readonly findings: readonly Finding[];
}

/** The tokens, or why the text is refused. */
export type Scan = Scanned | { readonly refused: Finding };

/** Looks at the size and the characters of a text: linear, and constant for what is far too large. */
export function checkCharacters(text: string): Finding | undefined {
  if (text.length > LIMITS.maxBytes) return tooLarge(text.length);
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const width = utf8Width(code, text.charCodeAt(index - 1), text.charCodeAt(index + 1));
    if (width === 0) return controlCharacter(code, index);
    bytes += width;
  }
  return bytes > LIMITS.maxBytes ? tooLarge(bytes) : undefined;
}

/** Bytes of a UTF-16 unit between its neighbours; 0 for what no definition may hold. */
function utf8Width(code: number, before: number, after: number): number {
  if (code < 0x80)
    return code >= 0x20 ? Number(code !== 0x7f) : Number(code === 9 || code === 10 || code === 13);
  if (code < 0x800) return 2;
  if (code < 0xd800 || code > 0xdfff) return 3;
  const isHigh = code < 0xdc00;
  const isPaired = isHigh ? after >= 0xdc00 && after <= 0xdfff : before >= 0xd800 && before < 0xdc00;
  return isPaired ? 2 : 0;
}

function tooLarge(size: number): Finding {
  return {
    code: 'document-too-large',
    message: `The document has ${size} bytes or more, the limit is ${LIMITS.maxBytes}`,
    path: [],
  };
}

function controlCharacter(code: number, textOffset: number): Finding {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const what = code >= 0xd800 && code <= 0xdfff ? 'Half of a character' : 'The control character';
  return { code: 'control-character', message: `${what} ${name} is not allowed`, path: [], textOffset };
}

/** Splits a text into the tokens of one YAML document, within the limits. */
export function scanYaml(text: string): Scan {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const brackets = new StrayBrackets();
  const quotes: Finding[] = [];
  let lexemes = 0;
  let documents = 0;
  let previous = '';
  for (const lexeme of new Lexer().lex(text)) {
    const { offset } = parser;
    const quote = previous === CST.SCALAR ? undefined : findUnclosedQuote(lexeme, offset);
    if (quote) quotes.push(quote);
    previous = lexeme;
    if (brackets.keepsBack(lexeme, offset)) parser.offset += lexeme === CST.SCALAR ? 0 : lexeme.length;
    else {
      for (const token of parser.next(lexeme)) {
        if (token.type === 'directive') return { refused: directive(token.offset) };
        if (token.type === 'document') documents += 1;
        tokens.push(token);
      }
    }
    lexemes += 1;
    if (lexemes > LIMITS.maxTokens) return { refused: tooManyTokens(offset) };
    if (documents > 0 && parser.stack[0]?.type === 'document') return { refused: secondDocument(offset) };
    const refused = checkStack(parser);
    if (refused) return { refused };
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens, findings: [...brackets.findings, ...quotes] };
}

function tooManyTokens(offset: number): Finding {
  return refuse('too-many-values', `The document has more than ${LIMITS.maxTokens} tokens of YAML`, offset);
}

function directive(offset: number): Finding {
  return refuse('yaml-unsupported', 'YAML directives are not used in definitions', offset, 'remove the line');
}

function secondDocument(offset: number): Finding {
  return refuse(
    'yaml-unsupported',
    'A file holds one document; a second one starts here',
    offset,
    'split the file',
  );
}

/** The parser's stack holds the document, one entry for each level, and a scalar in the making. */
function checkStack(parser: Parser): Finding | undefined {
  const { stack, offset } = parser;
  const top = stack.at(-1);
  const depth = stack.length - (top && 'items' in top ? 1 : 2);
  if (depth > LIMITS.maxDepth) {
    return refuse(
      'nested-too-deep',
      `Lists and maps are nested deeper than ${LIMITS.maxDepth} levels`,
      offset,
    );
  }
  const isMap =
    top?.type === 'block-map' || (top?.type === 'flow-collection' && top.start.type === 'flow-map-start');
  if (isMap && top.items.length > LIMITS.maxKeys + 1) {
    return refuse('too-many-keys', `A map has more than ${LIMITS.maxKeys} keys`, offset);
  }
  return undefined;
}

function refuse(code: Finding['code'], message: string, textOffset: number, hint?: string): Finding {
  return { code, message, path: [], textOffset, ...(hint === undefined ? {} : { hint }) };
}
