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
  /** Asks something: until `endQuestion` there is no live line, and what is said meanwhile shows the question again. */
  ask(question: string): void;
  /** `answered`: a line has been typed, so that the cursor stands below the question. */
  endQuestion(answered: boolean): void;
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
  let question: string | null = null;
  // What is being typed stays where it is, and counts: only a live line may be erased.
  const clear = (): void => {
    if (live) stream.write(question === null ? ERASE_LINE : '\n');
  };
  const showQuestion = (): void => {
    if (question !== null && live) stream.write(question);
  };
  return {
    say: (line) => {
      clear();
      const seconds = ((now() - startedAt) / 1000).toFixed(1).padStart(5);
      stream.write(`${dim(`${seconds} s`)}  ${line}\n`);
      showQuestion();
    },
    print: (text) => {
      clear();
      stream.write(`${text}\n`);
      showQuestion();
    },
    show: (status) => {
      if (!live || question !== null) return;
      turn += 1;
      const line = `${SPINNER[turn % SPINNER.length] ?? ''} ${status}`;
      stream.write(`${ERASE_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear,
    ask: (text) => {
      clear();
      question = `${text} `;
      stream.write(live ? question : `${text}\n`);
    },
    endQuestion: (answered) => {
      if (question !== null && live && !answered) stream.write('\n');
      question = null;
    },
  };
}
