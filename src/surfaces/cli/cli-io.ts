/** What a command may touch of its process, so that tests can hand it something else. */
export interface CliIo {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  /** Reads standard input to its end. */
  readStdin(): Promise<string>;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface CliStream {
  write(text: string): unknown;
  readonly isTTY: boolean;
  /** Width in characters, where it is a terminal. */
  readonly columns?: number | undefined;
  /** Aborts where a pipe's reader has gone, which is known once something was written after that. */
  readonly unread?: AbortSignal;
}

/**
 * The process's own streams.
 * @param unread aborts where nobody reads standard output any more
 */
export function processIo(unread: AbortSignal): CliIo {
  return {
    stdout: wrap(process.stdout, unread),
    stderr: wrap(process.stderr),
    readStdin: readAll,
    env: process.env,
    cwd: process.cwd(),
  };
}

function wrap(stream: NodeJS.WriteStream, unread?: AbortSignal): CliStream {
  return {
    ...(unread !== undefined && { unread }),
    write: (text) => stream.write(text),
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
  };
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
