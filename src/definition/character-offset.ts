/** Where a character of a string stands in the text, for every style in which YAML writes one. */
import { isScalar } from 'yaml';
import type { Node, Scalar } from 'yaml';

/** Characters that stand in the text as they do in the string, one behind the other. */
interface Run {
  readonly inString: number;
  readonly inText: number;
  readonly length: number;
}

/** A string may have a thousand findings: it is gone through once. */
const known = new WeakMap<Scalar, readonly Run[]>();

/**
 * The offset in the text of a character of a string. Of an escape it is the start, of a fold the end of its line.
 * Undefined where there is no string, or none but spaces.
 */
export function characterOffset(scalar: Node | undefined, offset: number, text: string): number | undefined {
  if (!isScalar(scalar) || typeof scalar.value !== 'string') return undefined;
  const runs = known.get(scalar) ?? runsOf(scalar, scalar.value, text);
  known.set(scalar, runs);
  const run = lastBefore(runs, offset);
  return run && run.inText + Math.min(Math.max(offset - run.inString, 0), run.length);
}

/** The last run that begins at an offset of the string or before; the first one where none does. */
function lastBefore(runs: readonly Run[], offset: number): Run | undefined {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((runs[middle]?.inString ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return runs[low];
}

function runsOf({ type, range }: Scalar, value: string, text: string): readonly Run[] {
  const [start, end] = range ?? [0, 0];
  switch (type) {
    case 'BLOCK_FOLDED':
    case 'BLOCK_LITERAL':
      return blockRuns(value, text.slice(start, end), start);
    case 'QUOTE_DOUBLE':
    case 'QUOTE_SINGLE':
      return flowRuns(type, text.slice(start + 1, end - 1), start + 1);
    default:
      return flowRuns('PLAIN', text.slice(start, end), start);
  }
}

/** What stands for something else: escapes, and the ends of lines with what follows them. */
const PIECES = {
  PLAIN: /\r?\n(?:[ \t]|\r?\n)*/g,
  QUOTE_SINGLE: /''|\r?\n(?:[ \t]|\r?\n)*/g,
  QUOTE_DOUBLE: /\\(?:x.{2}|u.{4}|U.{8}|\r?\n[ \t]*|[^])|\r?\n(?:[ \t]|\r?\n)*/g,
};

function flowRuns(style: keyof typeof PIECES, source: string, start: number): readonly Run[] {
  const runs: Run[] = [];
  let from = 0;
  let inString = 0;
  const add = (end: number) => {
    runs.push({ inString, inText: start + from, length: end - from });
    inString += end - from;
  };
  for (const { 0: piece, index } of source.matchAll(PIECES[style])) {
    add(isFold(piece) ? trimmedEnd(source, from, index) : index);
    inString += lengthOf(piece);
    from = index + piece.length;
  }
  add(source.length);
  return runs;
}

function isFold(piece: string): boolean {
  return piece.startsWith('\n') || piece.startsWith('\r');
}

/** Where a line ends without the spaces at its end. */
function trimmedEnd(source: string, from: number, end: number): number {
  let at = end;
  while (at > from && /[ \t]/.test(source.charAt(at - 1))) at -= 1;
  return at;
}

/** How much of the string a piece stands for: one end of a line folds into a space, more into one less. */
function lengthOf(piece: string): number {
  if (isFold(piece)) return Math.max(1, piece.split('\n').length - 2);
  if (/^\\\r?\n/.test(piece)) return 0;
  return piece.startsWith('\\U') && parseInt(piece.slice(2), 16) > 0xffff ? 2 : 1;
}

/** Lines that are not empty stand in a block as they are, behind its indentation; between them are spaces and line ends. */
function blockRuns(value: string, source: string, start: number): readonly Run[] {
  const body = source.indexOf('\n') + 1;
  const indent = firstIndent(source.slice(body)) - firstIndent(value);
  const runs: Run[] = [];
  let inText = start + body;
  let inString = 0;
  for (const line of source.slice(body).split('\n')) {
    const { length } = line.replace(/\r$/, '').slice(indent);
    if (length > 0) {
      inString = runs.length === 0 ? skipEnds(value, 0) : skipFold(value, inString);
      runs.push({ inString, inText: inText + indent, length });
      inString += length;
    }
    inText += line.length + 1;
  }
  return runs;
}

/** Spaces before the first character that is none. */
function firstIndent(lines: string): number {
  const first = Math.max(0, lines.search(/[^ \r\n]/));
  return first - (lines.lastIndexOf('\n', first) + 1);
}

function skipFold(value: string, from: number): number {
  return value[from] === ' ' ? from + 1 : skipEnds(value, from);
}

function skipEnds(value: string, from: number): number {
  let at = from;
  while (value[at] === '\n') at += 1;
  return at;
}
