/** The product's own worker, in a process of its own. */
import { loadConfig } from '../../src/platform/config.js';
import { createLogger } from '../../src/platform/logging.js';
import { startWorker } from '../../worker.js';
import { serveUntilStopped } from '../worker-child.js';
import { definitionsFolder } from './tree-documents.js';

await serveUntilStopped(async (settings) =>
  startWorker({
    config: loadConfig({
      cwd: settings.data_dir,
      env: {
        CHATFLOW_DATA_DIR: settings.data_dir,
        CHATFLOW_DEFINITIONS: JSON.stringify([definitionsFolder(settings.data_dir)]),
      },
    }),
    log: createLogger({ level: 'warn' }),
    temporal: { address: settings.address, env: {} },
    workerOptions: { maxCachedWorkflows: settings.max_cached_workflows },
  }),
);
