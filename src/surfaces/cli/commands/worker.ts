import type { CliCommand } from '../cli-command.js';
import { listenForStop } from '../stop-signals.js';

export const worker: CliCommand = {
  name: 'worker',
  summary: 'run a worker on an existing Temporal until SIGINT or SIGTERM',
  group: 'Server',
  examples: ['chatflow worker', 'TEMPORAL_ADDRESS=temporal.example.com:7233 chatflow worker --json'],
  run: async ({ out, wait, dependencies }) => {
    const { loadConfig } = await import('../../../platform/config.js');
    const { createLogger } = await import('../../../platform/logging.js');
    const config = loadConfig();
    const log = createLogger({ level: config.log_level, format: config.log_format });
    const signals = listenForStop();
    try {
      const running = await wait('connecting', () => dependencies.startWorker({ config, log }));
      const ready = {
        temporal_address: running.address,
        namespace: running.namespace,
        data_dir: config.data_dir,
      };
      out.item(
        ready,
        (shown) => `Worker polls ${shown.temporal_address}, namespace ${shown.namespace}. Ctrl-C ends it.`,
      );
      await Promise.race([signals.requested, running.done]);
      await running.stop();
    } finally {
      signals.dispose();
    }
  },
};
