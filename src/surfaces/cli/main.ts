/** The program: wires the command line to this process, its streams and the worker. */
import { readFileSync } from 'node:fs';
import { processIo } from './cli-io.js';
import type { CliDependencies } from './cli-command.js';
import { runCli } from './run-cli.js';

const dependencies: CliDependencies = {
  // Loaded when a worker is asked for: its native code would cost every other command a quarter of a second.
  startWorker: async (options) => (await import('../../../worker.js')).startWorker(options),
  version: readVersion(),
};

const unread = new AbortController();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Who reads us may have read enough (`| head -1`): that is no failure of ours, and changes no exit code.
  if (error.code === 'EPIPE') return unread.abort();
  process.stderr.write(`OutputError: standard output can't be written (${error.message})\n`);
  process.exit(1);
});

// Words that nobody can read any more, after the parent has died, must not end us before the rest has ended.
process.stderr.on('error', () => undefined);

const exitCode = await runCli(process.argv.slice(2), processIo(unread.signal), dependencies);
// Not left to the event loop: Temporal's native runtime, once it has been loaded, would keep it alive.
await Promise.all([flush(process.stdout), flush(process.stderr)]);
process.exit(exitCode);

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** From the package's own file, two folders up in the sources and three in what is built of them. */
function readVersion(): string {
  for (const path of ['../../../package.json', '../../../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        version: string;
      };
      return version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
