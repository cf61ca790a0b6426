import type { CliIo } from '../../src/surfaces/cli/cli-io.js';

export interface FakeIo extends CliIo {
  /** What was written so far. */
  readonly out: () => string;
  readonly err: () => string;
}

export interface FakeIoOptions {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly isTTY?: boolean;
}

/** Streams in memory, no terminal unless one is asked for. */
export function fakeIo({ stdin = '', env = {}, cwd = '.', isTTY = false }: FakeIoOptions = {}): FakeIo {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY,
    write: (text: string) => {
      written[name] += text;
    },
  });
  return {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    readStdin: () => Promise.resolve(stdin),
    env,
    cwd,
    out: () => written.stdout,
    err: () => written.stderr,
  };
}
