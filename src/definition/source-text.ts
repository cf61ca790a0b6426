/** A document's text with its lines: positions and frames. */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

const FRAME_WIDTH = 100;

export class SourceText {
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
    this.#lineStarts = starts;
  }

  /** Line and column of an offset; beyond the text it is the end. */
  position(offset: number): Position {
    const at = Math.min(Math.max(offset, 0), this.text.length);
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (this.#lineStarts[low] ?? 0) + 1 };
  }

  /** The offset at which a line starts; lines count from 1. */
  lineStart(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }

  /** A line without its end. */
  lineText(line: number): string {
    const start = this.lineStart(line);
    const end = line < this.#lineStarts.length ? this.lineStart(line + 1) - 1 : this.text.length;
    return this.text.slice(start, end).replace(/\r$/, '');
  }

  /** The line of a position between its neighbours, with a caret below the column. Long lines are cut round it. */
  frame({ line, column }: Position): string {
    const from = Math.max(0, column - 1 - FRAME_WIDTH / 2);
    const last = Math.min(line + 1, this.#lineStarts.length);
    const width = String(last).length;
    const rows: string[] = [];
    for (let row = Math.max(1, line - 1); row <= last; row++) {
      const text = this.lineText(row)
        .slice(from, from + FRAME_WIDTH)
        .replaceAll('\t', ' ');
      rows.push(`${row === line ? '>' : ' '} ${String(row).padStart(width)} | ${text}`.trimEnd());
      if (row === line) rows.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1 - from)}^`);
    }
    return rows.join('\n');
  }
}
