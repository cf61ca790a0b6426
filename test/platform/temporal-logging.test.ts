import { Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createLogger } from '../../src/platform/logging.js';
import { installTemporalLogger } from '../../src/platform/temporal-logging.js';
import { connectWorkerToTemporal } from '../../src/platform/temporal-connection.js';
import { getTestServer, uniqueTaskQueue } from '../support/temporal-server.js';
import { bundleWorkflowFile } from '../support/workflow-bundle.js';

it("sends the worker's own records to the logger that was named last", async () => {
  const lines: string[] = [];
  const logger = (name: string) =>
    createLogger({ stream: { write: (text) => lines.push(`${name} ${text}`) } });
  installTemporalLogger(logger('first'), { shutdownSignals: [] });
  installTemporalLogger(logger('second'));
  const { connection } = await connectWorkerToTemporal(getTestServer());
  const fixture = fileURLToPath(new URL('../support/fixtures/sleeping-workflow.ts', import.meta.url));
  const worker = await Worker.create({
    connection,
    taskQueue: uniqueTaskQueue(),
    workflowBundle: await bundleWorkflowFile(fixture),
  });
  await worker.runUntil(async () => Promise.resolve());
  await connection.close();
  expect(lines.join('')).toMatch(/^second warning No activities registered.*taskQueue=/m);
  expect(lines.filter((line) => line.startsWith('first'))).toEqual([]);
});
