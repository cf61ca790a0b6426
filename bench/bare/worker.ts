/** The worker of the workflow written by hand: in its own process, with the same options as the product's. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/platform/logging.js';
import { installTemporalLogger } from '../../src/platform/temporal-logging.js';
import { serveUntilStopped } from '../worker-child.js';
import { BARE_TASK_QUEUE } from './messages.js';

await serveUntilStopped(async (settings) => {
  installTemporalLogger(createLogger({ level: 'warn' }), { shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address: settings.address });
  const worker = await Worker.create({
    connection,
    taskQueue: BARE_TASK_QUEUE,
    workflowBundle: { codePath: settings.bare_bundle },
    maxCachedWorkflows: settings.max_cached_workflows,
    maxConcurrentWorkflowTaskExecutions: 200,
    stickyQueueScheduleToStartTimeout: '2s',
  });
  const running = worker.run();
  return {
    stop: async (): Promise<void> => {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
});
