/**
 * Where a command's words go. Data goes to stdout: one JSON document with `--json`, else text; a stream is one
 * document a line. Everything said about it goes to stderr. Text that came from elsewhere never steers the terminal:
 * renderers get it as it may be shown, and only they add colours.
 */
import type { Colours } from './colours.js';
import { coloursFor } from './colours.js';
import type { CliIo } from './cli-io.js';
import { showControls, showControlsIn } from './show-controls.js';

export class Output {
  readonly #io: CliIo;
  readonly json: boolean;
  /** Colours for what goes to stdout. */
  readonly colours: Colours;

  constructor(io: CliIo, json: boolean) {
    this.#io = io;
    this.json = json;
    this.colours = coloursFor(io.stdout, io.env);
  }

  /** The answer: as one JSON document, or as the lines that `toLines` makes of what people may see of it. */
  result<T>(data: T, toLines: (shown: T) => readonly string[]): void {
    if (this.json) this.#io.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    else for (const line of toLines(showControlsIn(data))) this.#io.stdout.write(`${line}\n`);
  }

  /** One item of a stream: one line, either way. */
  item<T>(data: T, toLine: (shown: T) => string): void {
    this.#io.stdout.write(`${this.json ? JSON.stringify(data) : toLine(showControlsIn(data))}\n`);
  }

  /** Words for whoever sits at the terminal; with `--json` nobody does. */
  note(text: string): void {
    if (!this.json) this.#io.stderr.write(`${showControls(text)}\n`);
  }
}
