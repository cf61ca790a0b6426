/** Just enough of CEL's lexer to step over strings and comments; it agrees with the parser on where they end. */

/** The index behind the string that opens at `start` (its quote); -1 where it never closes. */
export function skipString(text: string, start: number): number {
  const quote = text.charAt(start);
  const isTriple = text.startsWith(quote.repeat(3), start);
  const closing = isTriple ? quote.repeat(3) : quote;
  for (let index = start + closing.length; index < text.length; index++) {
    const char = text[index];
    if (char === '\\') index++;
    else if (char === quote && text.startsWith(closing, index)) return index + closing.length;
    else if (!isTriple && (char === '\n' || char === '\r')) return -1;
  }
  return -1;
}

/** The index of the line's end behind a comment that opens at `start`. */
export function skipComment(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

/** The index of the `}` that closes a `${` whose expression starts at `from`; -1 where there is none. */
export function findClosingBrace(text: string, from: number): number {
  return findClosing(text, from, '{', '}');
}

/**
 * Whether the right side of a comparison stands in parentheses of its own. `leftEnd` is the end of the left side,
 * which leaves out its parentheses, and `rightEnd` the end of the right one, likewise.
 */
export function isInParentheses(text: string, leftEnd: number, rightEnd: number): boolean {
  let index = skipSpace(text, leftEnd);
  while (text[index] === ')') index = skipSpace(text, index + 1);
  // Behind the operator, `==` or `!=`.
  const start = skipSpace(text, index + 2);
  return text[start] === '(' && findClosing(text, start + 1, '(', ')') >= rightEnd;
}

function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length) {
    if (text.startsWith('//', index)) index = skipComment(text, index);
    else if (text.charAt(index).trim() === '') index++;
    else break;
  }
  return index;
}

function findClosing(text: string, from: number, opening: string, closing: string): number {
  let open = 0;
  let index = from;
  while (index !== -1 && index < text.length) {
    const char = text[index];
    if (char === closing && open === 0) return index;
    if (char === opening) open++;
    else if (char === closing) open--;
    index = skipOne(text, index);
  }
  return -1;
}

/**
 * Where a run of more than `limit` unary operators begins; -1 where there is none. The parser recurses once for each,
 * unchecked, so this is looked at before it sees the source.
 */
export function findUnaryRun(text: string, limit: number): number {
  let run = 0;
  let start = 0;
  let index = 0;
  while (index !== -1 && index < text.length) {
    const char = text.charAt(index);
    if (char === '!' || char === '-') {
      if (run === 0) start = index;
      run++;
      if (run > limit) return start;
    } else if (char.trim() !== '' && !text.startsWith('//', index)) {
      run = 0;
    }
    index = skipOne(text, index);
  }
  return -1;
}

/** Steps over one character, one string or one comment. */
function skipOne(text: string, index: number): number {
  const char = text[index];
  if (char === '"' || char === "'") return skipString(text, index);
  if (char === '/' && text[index + 1] === '/') return skipComment(text, index);
  return index + 1;
}
