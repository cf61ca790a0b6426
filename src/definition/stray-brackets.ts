/**
 * `{ a: phases["b"].visits }`: in a flow map or list a text without quotes ends where a bracket opens. YAML's parser
 * then takes the first bracket that closes for the map's own, and loses the rest of the document. So what stands from
 * such a bracket to the end of the value is kept from the parser and reported; all else is read as it was meant.
 */
import { CST } from 'yaml';
import type { Finding } from './finding.js';

export class StrayBrackets {
  readonly findings: Finding[] = [];
  /** The text without quotes that the last lexeme was, but for spaces. */
  #text: string | undefined;
  #isTextNext = false;
  /** Brackets open in what is kept back; undefined where nothing is. */
  #depth: number | undefined;

  /** Whether a lexeme at an offset is kept from the parser. */
  keepsBack(lexeme: string, offset: number): boolean {
    const isText = this.#isTextNext;
    this.#isTextNext = lexeme === CST.SCALAR;
    if (this.#depth !== undefined) {
      return isText || this.#isTextNext || this.#isPartOfValue(lexeme, this.#depth);
    }
    if (this.#text !== undefined && !isText && isOpening(lexeme)) {
      this.findings.push(describe(this.#text, lexeme, offset));
      this.#depth = 1;
      this.#text = undefined;
      return true;
    }
    // A block of lines ends with its last one; what stands below is no part of it.
    if (isText) this.#text = lexeme.endsWith('\n') ? undefined : lexeme;
    else if (!/^[ \t]+$/.test(lexeme)) this.#text = undefined;
    return false;
  }

  /** The value ends at a comma or a bracket that is none of its own, or with the whole map. Lines are the parser's. */
  #isPartOfValue(lexeme: string, depth: number): boolean {
    if (/^\s/.test(lexeme)) return false;
    const isClosing = lexeme === ']' || lexeme === '}';
    const isEnd = depth === 0 && (isClosing || lexeme === ',');
    this.#depth =
      isEnd || lexeme === CST.FLOW_END ? undefined : depth + Number(isOpening(lexeme)) - Number(isClosing);
    return this.#depth !== undefined;
  }
}

function isOpening(lexeme: string): boolean {
  return lexeme === '[' || lexeme === '{';
}

function describe(text: string, bracket: string, textOffset: number): Finding {
  const isTemplate = text.endsWith('$') && bracket === '{';
  return {
    code: 'yaml-syntax',
    message: `In { } and [ ] a text without quotes ends at \`${bracket}\``,
    path: [],
    textOffset,
    hint: isTemplate ? 'in a flow map or list, quote what holds ${…}: "${…}"' : "quote this expression: '…'",
  };
}
