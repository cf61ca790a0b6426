/**
 * Where a command's words go. Data goes to stdout: one JSON document with `--json`, else text; a stream is one
 * document a line. Everything said about it goes to stderr.
 */
import type { Colours } from './colours.js';
import { coloursFor } from './colours.js';
import type { CliIo } from './cli-io.js';

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

  /** The answer: as one JSON document, or as the lines that `toLines` makes of it. */
  result(data: unknown, toLines: () => readonly string[]): void {
    if (this.json) this.#io.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    else for (const line of toLines()) this.#io.stdout.write(`${line}\n`);
  }

  /** One item of a stream: one line, either way. */
  item(data: unknown, toLine: () => string): void {
    this.#io.stdout.write(`${this.json ? JSON.stringify(data) : toLine()}\n`);
  }

  /** Words for whoever sits at the terminal; with `--json` nobody does. */
  note(text: string): void {
    if (!this.json) this.#io.stderr.write(`${text}\n`);
  }
}
