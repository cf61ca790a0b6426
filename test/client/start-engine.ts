/** An engine for tests: a namespace and a worker of the test file's own, and clients of both. */
import { Client, Connection } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createActivities,
  createDefinitionFolderRegistry,
  environmentSecrets,
} from '../../src/activities/index.js';
import { closingSnapshotSinks } from '../../src/activities/closing-snapshot-sinks.js';
import { createArtifactStore } from '../../src/artifacts/index.js';
import { init } from '../../src/client/index.js';
import type { ChatFlow, InitOptions } from '../../src/client/index.js';
import { loadConfig } from '../../src/platform/config.js';
import type { ChatFlowConfig } from '../../src/platform/config.js';
import { TASK_QUEUE } from '../../src/workflows/messages.js';
import { createTestNamespace, getTestServer, startTestWorker } from '../support/temporal-server.js';
import { getWorkflowBundle } from '../support/workflow-bundle.js';

export interface TestEngine {
  readonly namespace: string;
  readonly config: ChatFlowConfig;
  readonly engine: ChatFlow;
  /** Temporal's own client, for what others do to an instance. */
  readonly temporal: Client;
  /** Another client of the same namespace and store. */
  open(options?: InitOptions): Promise<ChatFlow>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts one; the caller stops it.
 *
 * @param shared the configuration of another one, whose artifact store it then shares
 */
export async function startEngine(shared?: ChatFlowConfig): Promise<TestEngine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chatflow-test-engine-'));
  const namespace = await createTestNamespace();
  const config = shared ?? loadConfig({ cwd: dataDir, env: {} });
  const { address } = getTestServer();
  const opened: ChatFlow[] = [];
  const open = async (options: InitOptions = {}): Promise<ChatFlow> => {
    const engine = await init({ address, namespace, config, ...options });
    opened.push(engine);
    return engine;
  };
  const worker = workerSwitch(namespace, config);
  await worker.start();
  const connection = await Connection.connect({ address });
  return {
    namespace,
    config,
    engine: await open(),
    temporal: new Client({ connection, namespace }),
    open,
    startWorker: worker.start,
    stopWorker: worker.stop,
    stop: async () => {
      await worker.stop();
      await Promise.all(opened.map((engine) => engine.close()));
      await connection.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function workerSwitch(
  namespace: string,
  config: ChatFlowConfig,
): { start(): Promise<void>; stop(): Promise<void> } {
  const store = createArtifactStore(config.artifact_store);
  const definitions = createDefinitionFolderRegistry(config.definitions);
  let running: { stop(): Promise<void> } | null = null;
  return {
    start: async () => {
      running = await startTestWorker({
        namespace,
        taskQueue: TASK_QUEUE,
        workflowBundle: await getWorkflowBundle(),
        activities: createActivities({
          store,
          config,
          definitions,
          secrets: environmentSecrets(),
        }),
        sinks: closingSnapshotSinks(store, (facts) => console.error('no closing snapshot', facts)),
        stickyQueueScheduleToStartTimeout: '2s',
      });
    },
    stop: async () => {
      const stopping = running;
      running = null;
      await stopping?.stop();
    },
  };
}
