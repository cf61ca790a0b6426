import type { Client } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleepFor, waitForWake, wake } from './fixtures/sleeping-workflow.js';
import { connectTestClient, startTestWorker, uniqueTaskQueue } from './temporal-server.js';
import { connectSkippingClient, fastForward } from './time-skipping.js';
import { bundleWorkflowFile } from './workflow-bundle.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('time skipping on the shared server', () => {
  const taskQueue = uniqueTaskQueue('sleep');
  const options = () => ({ taskQueue, workflowId: randomUUID() });
  let plain: Client;
  let skipping: Client;
  let stopWorker: () => Promise<void>;

  beforeAll(async () => {
    const fixture = fileURLToPath(new URL('./fixtures/sleeping-workflow.ts', import.meta.url));
    ({ stop: stopWorker } = await startTestWorker({
      taskQueue,
      workflowBundle: await bundleWorkflowFile(fixture),
    }));
    plain = await connectTestClient();
    skipping = await connectSkippingClient();
  });

  afterAll(async () => {
    await stopWorker();
    await plain.connection.close();
    await skipping.connection.close();
  });

  it('lets thirty days pass in a moment', async () => {
    const start = Date.now();
    const slept = await skipping.workflow.execute(sleepFor, { ...options(), args: [30 * DAY_MS] });
    expect(slept).toBeGreaterThanOrEqual(30 * DAY_MS);
    expect(Date.now() - start).toBeLessThan(20_000);
  });

  it('moves an instance on and leaves it waiting', async () => {
    const handle = await plain.workflow.start(waitForWake, { ...options(), args: [3 * HOUR_MS] });
    await fastForward(plain, handle.workflowId, 2 * HOUR_MS);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.signal(wake);
    expect(await handle.result()).toBe('woken');
  });

  it('fires what falls due on the way', async () => {
    const handle = await plain.workflow.start(waitForWake, { ...options(), args: [HOUR_MS] });
    await fastForward(plain, handle.workflowId, 2 * HOUR_MS);
    expect(await handle.result()).toBe('timed out');
  });
});
