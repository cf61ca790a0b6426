/** Where the demo's words go: one line a fact, and on a terminal one more line that shows what goes on right now. */
export interface Progress {
  /** A line that stays, after the seconds since the start. */
  say(line: string): void;
  /** Lines as they are, without a time. */
  print(text: string): void;
  /** Replaces the live line; without a terminal it is not shown. */
  show(status: string): void;
  /** Takes the live line away. */
  clear(): void;
}

/** What a terminal offers and a pipe lacks. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const ERASE_LINE = '\r\u001b[2K';

/** Writes to `stream`; colours and the live line only where it is a terminal. */
export function createProgress(stream: ProgressStream, now: () => number = Date.now): Progress {
  const startedAt = now();
  const live = stream.isTTY === true;
  const dim = (text: string): string =>
    live && process.env['NO_COLOR'] === undefined ? `\u001b[2m${text}\u001b[22m` : text;
  let turn = 0;
  const clear = (): void => {
    if (live) stream.write(ERASE_LINE);
  };
  return {
    say: (line) => {
      clear();
      const seconds = ((now() - startedAt) / 1000).toFixed(1).padStart(5);
      stream.write(`${dim(`${seconds} s`)}  ${line}\n`);
    },
    print: (text) => {
      clear();
      stream.write(`${text}\n`);
    },
    show: (status) => {
      if (!live) return;
      turn += 1;
      const line = `${SPINNER[turn % SPINNER.length] ?? ''} ${status}`;
      stream.write(`${ERASE_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear,
  };
}
