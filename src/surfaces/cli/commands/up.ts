import type { CliCommand, Options } from '../cli-command.js';
import { flagOption, numberOption, parsePort } from '../command-options.js';
import { StopRequested, listenForStop } from '../stop-signals.js';
import { usageError } from '../usage-error.js';

export const up: CliCommand = {
  name: 'up',
  summary: 'start everything on this machine: Temporal with its Web UI, and the worker',
  group: 'Server',
  examples: ['chatflow up', 'chatflow up --port 7300 --data-dir /var/lib/chatflow', 'chatflow up --json'],
  define: (command) =>
    command
      .option('--port <port>', 'where Temporal listens; 0 takes any free port', parsePort, 7233)
      .option('--ui-port <port>', 'where its Web UI listens (default: the port + 1000)', parsePort)
      .option('--no-ui', 'leave the Web UI out')
      .option('--data-dir <folder>', 'where state and artifacts lie (default: .chatflow)')
      .option('--end-with-stdin', 'end when standard input closes: with the program that holds the pipe'),
  run: async (context, _args, options) => {
    refuseOnePort(options);
    // Before anything is loaded or started: a signal finds its handler from the first moment on.
    const signals = listenForStop(flagOption(options, 'endWithStdin') ? { endsWith: process.stdin } : {});
    try {
      const { runUp } = await import('../run-up.js');
      await runUp(context, options, signals);
      return 0;
    } catch (error) {
      if (!(error instanceof StopRequested)) throw error;
      context.out.note(`${error.message}.`);
      return error.exitCode;
    } finally {
      signals.dispose();
    }
  },
};

/** The server would name one of the two as taken, by whom nobody could tell. */
function refuseOnePort(options: Options): void {
  const port = numberOption(options, 'port');
  if (port === 0 || port !== numberOption(options, 'uiPort') || options['ui'] === false) return;
  throw usageError(
    'chatflow.onePort',
    `--port and --ui-port are both ${String(port)}: the Web UI needs a port of its own`,
  );
}
