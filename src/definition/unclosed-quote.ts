import type { Finding } from './finding.js';

/** A text in quotes that never ends: the parser tells of it where it gives up, at the end of the text at the latest. */
export function findUnclosedQuote(lexeme: string, textOffset: number): Finding | undefined {
  const quote = lexeme.charAt(0);
  const escapes = { '"': /\\[^]/g, "'": /''/g }[quote];
  if (!escapes || lexeme.slice(1).replace(escapes, '').endsWith(quote)) return undefined;
  return {
    code: 'yaml-syntax',
    message: `This ${quote} is not closed`,
    path: [],
    textOffset,
    hint: `end the text with ${quote}`,
  };
}
