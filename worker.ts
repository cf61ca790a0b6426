/** Composition root: configuration → dependencies → worker. No logic. */
import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { keepClosingSnapshots, type ClosingSnapshots } from './src/activities/closing-snapshot-sinks.js';
import {
  createActivities,
  createDefinitionFolderRegistry,
  environmentSecrets,
} from './src/activities/index.js';
import { createArtifactStore, type ArtifactStore } from './src/artifacts/index.js';
import { ChatFlowError } from './src/core/errors.js';
import type { ChatFlowConfig } from './src/platform/config.js';
import type { Logger } from './src/platform/logging.js';
import { installTemporalLogger } from './src/platform/temporal-logging.js';
import { checkSearchAttributes } from './src/platform/search-attributes.js';
import {
  connectTemporal,
  connectWorkerToTemporal,
  type TemporalOverrides,
} from './src/platform/temporal-connection.js';
import { TASK_QUEUE } from './src/workflows/messages.js';

/** A worker that polls; it ends by `stop`, or `done` rejects with what broke it. */
export interface RunningWorker {
  readonly namespace: string;
  readonly address: string;
  readonly done: Promise<void>;
  /** Finishes what it has in hand, and gives the rest back to Temporal. */
  stop(): Promise<void>;
}

export interface StartWorkerOptions {
  readonly config: ChatFlowConfig;
  readonly log: Logger;
  readonly temporal?: TemporalOverrides;
  /** For tests and benchmarks: another bundle, a smaller cache. */
  readonly workerOptions?: Partial<WorkerOptions>;
}

/**
 * Starts a worker on an existing Temporal, by its own environment configuration.
 * @throws ChatFlowError TemporalUnavailableError, SearchAttributesMissingError (run `chatflow init`), ConfigurationError
 */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { config, log, temporal = {} } = options;
  // Signals are for whoever wires the process: the CLI stops the worker itself.
  installTemporalLogger(log, { shutdownSignals: [] });
  const asked = await connectTemporal(temporal);
  await checkSearchAttributes(asked.connection, asked.namespace).finally(() => asked.connection.close());
  const { connection, namespace, address } = await connectWorkerToTemporal(temporal);
  const store = createArtifactStore(config.artifact_store);
  const snapshots = keepClosingSnapshots(store, {
    failed: (facts) => log.error('the closing snapshot could not be kept', facts),
    kept: (facts) => log.info('the closing snapshot was kept after all', facts),
  });
  const worker = await createWorker({ ...options, store, snapshots }, { connection, namespace }).catch(
    async (error: unknown) => {
      await connection.close();
      throw error;
    },
  );
  const done = worker
    .run()
    .finally(() => snapshots.flush())
    .finally(() => connection.close());
  log.info('worker polls', { address, namespace, task_queue: TASK_QUEUE, data_dir: config.data_dir });
  return { namespace, address, done, stop: () => stopWorker(worker, done) };
}

interface WorkerParts extends StartWorkerOptions {
  readonly store: ArtifactStore;
  readonly snapshots: ClosingSnapshots;
}

async function createWorker(
  { config, store, snapshots, workerOptions = {} }: WorkerParts,
  temporal: Required<Pick<WorkerOptions, 'connection' | 'namespace'>>,
): Promise<Worker> {
  const definitions = createDefinitionFolderRegistry(config.definitions);
  const codePath = await bundlePath();
  return Worker.create({
    ...temporal,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath },
    // What workflow tasks record, twice a step: the SDK's own build id is 90 bytes. Nothing is routed by it.
    workerDeploymentOptions: {
      version: { deploymentName: 'chatflow', buildId: await bundleDigest(codePath) },
      useWorkerVersioning: false,
    },
    dataConverter: {
      payloadConverterPath: fileURLToPath(new URL('./src/workflows/payload-converter.js', import.meta.url)),
    },
    activities: createActivities({
      store,
      config,
      definitions,
      secrets: environmentSecrets(),
    }),
    sinks: snapshots.sinks,
    maxConcurrentWorkflowTaskExecutions: 200,
    stickyQueueScheduleToStartTimeout: '2s',
    shutdownGraceTime: '5s',
    ...workerOptions,
  });
}

async function bundlePath(): Promise<string> {
  const path = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  await access(path).catch((cause: unknown) => {
    throw new ChatFlowError(
      'ConfigurationError',
      `The workflow bundle ${path} is missing: run \`npm run build\``,
      { path },
      { cause },
    );
  });
  return path;
}

/** Which workflow code a worker runs, in 16 hexadecimal digits. */
async function bundleDigest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 16);
}

async function stopWorker(worker: Worker, done: Promise<void>): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await done;
}
