/** Words for whoever waits: on stderr, for stdout is the document. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
