import type { CliCommand } from '../cli-command.js';
import { parseInteger } from '../command-options.js';

export const up: CliCommand = {
  name: 'up',
  summary: 'start everything on this machine: Temporal with its Web UI, and the worker',
  group: 'Server',
  examples: ['chatflow up', 'chatflow up --port 7300 --data-dir /var/lib/chatflow', 'chatflow up --json'],
  define: (command) =>
    command
      .option('--port <port>', 'where Temporal listens; 0 takes any free port', parseInteger, 7233)
      .option('--ui-port <port>', 'where its Web UI listens (default: the port + 1000)', parseInteger)
      .option('--no-ui', 'leave the Web UI out')
      .option('--data-dir <folder>', 'where state and artifacts lie (default: .chatflow)'),
  run: async (context, _args, options) => {
    const { runUp } = await import('../run-up.js');
    await runUp(context, options);
  },
};
