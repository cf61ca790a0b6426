/** What tests need of the one Temporal server that a run shares. */
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';
import { createLogger } from '../../src/platform/logging.js';
import { installTemporalLogger } from '../../src/platform/temporal-logging.js';
import { registerSearchAttributes } from '../../src/platform/search-attributes.js';

export interface TestServer {
  readonly address: string;
  readonly namespace: string;
}

/** The shared server. Its search attributes are registered. */
export function getTestServer(): TestServer {
  return { address: inject('temporalAddress'), namespace: inject('temporalNamespace') };
}

/** Path of the server's binary, for tests that start a server of their own. */
export function getServerBinary(): string {
  return inject('temporalBinary');
}

/** The environment in which a child process (the CLI, an agent) finds the shared server, and no file of the user's. */
export function testServerEnvironment(): NodeJS.ProcessEnv {
  const { address, namespace } = getTestServer();
  return {
    ...process.env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
    NO_COLOR: '1',
  };
}

/** A client of the shared server, or of another namespace on it. The caller closes `client.connection`. */
export async function connectTestClient(namespace = getTestServer().namespace): Promise<Client> {
  const connection = await Connection.connect({ address: getTestServer().address });
  return new Client({ connection, namespace });
}

/** Starts a worker on the shared server; `stop` lets it finish and closes its connection. */
export async function startTestWorker(
  options: Omit<WorkerOptions, 'connection'>,
): Promise<{ readonly worker: Worker; stop(): Promise<void> }> {
  // Workers tell of every change of their state; a run of tests wants warnings only.
  installTemporalLogger(createLogger({ level: 'warn' }));
  const connection = await NativeConnection.connect({ address: getTestServer().address });
  const worker = await Worker.create({ namespace: getTestServer().namespace, ...options, connection });
  const running = worker.run();
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await running;
    await connection.close();
  };
  return { worker, stop };
}

/** A task queue that no other test has. */
export function uniqueTaskQueue(prefix = 'test'): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/**
 * Makes a namespace that no other test has, for tests that list or count. With `searchAttributes: false` it lacks
 * ChatFlow's.
 */
export async function createTestNamespace(
  options: { readonly searchAttributes?: boolean } = {},
): Promise<string> {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address: getTestServer().address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    if (options.searchAttributes !== false) await registerWhenVisible(connection, namespace);
  } finally {
    await connection.close();
  }
  return namespace;
}

/** A new namespace enters the server's cache a moment after it was made. */
async function registerWhenVisible(connection: Connection, namespace: string): Promise<void> {
  const GRPC_NOT_FOUND = 5;
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await registerSearchAttributes(connection, namespace);
      return;
    } catch (error) {
      if ((error as { code?: number }).code !== GRPC_NOT_FOUND || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}
