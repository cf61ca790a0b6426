/** A namespace, a worker with every dependency real, and clients: what tests of whole instances stand on. */
import {
  Client,
  Connection,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { closingSnapshotSinks } from '../../src/activities/closing-snapshot-sinks.js';
import { createActivities, createDefinitionFolderRegistry } from '../../src/activities/index.js';
import { createArtifactStore, type ArtifactStore } from '../../src/artifacts/index.js';
import { init, type ChatFlow } from '../../src/client/index.js';
import type { HistoryEvent } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';
import { loadConfig, type ChatFlowConfig } from '../../src/platform/config.js';
import { TASK_QUEUE, WORKFLOW_TYPE, type StartInput } from '../../src/workflows/messages.js';
import { createTestNamespace, getTestServer, startTestWorker } from '../support/temporal-server.js';
import { getWorkflowBundle } from '../support/workflow-bundle.js';

export interface TestBedOptions {
  /** Lines of chatflow.config.yaml, as CHATFLOW_* variables. */
  readonly env?: NodeJS.ProcessEnv;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly worker?: Partial<WorkerOptions>;
  /** In place of one of its own. */
  readonly store?: ArtifactStore;
}

export interface TestBed {
  readonly namespace: string;
  /** Where a client of its own finds the bed. */
  readonly address: { readonly address: string; readonly namespace: string };
  readonly folder: string;
  readonly config: ChatFlowConfig;
  readonly store: ArtifactStore;
  readonly engine: ChatFlow;
  /** Temporal's own client: what a client of any language sends. */
  readonly temporal: Client;
  /**
   * Starts an instance with Temporal's own client, and waits until it has been prepared; what is given beside the
   * text goes into the StartInput.
   */
  start(yaml: string, rest?: Partial<StartInput>): Promise<WorkflowHandleWithFirstExecutionRunId>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  stop(): Promise<void>;
}

export async function openTestBed(options: TestBedOptions = {}): Promise<TestBed> {
  const folder = await mkdtemp(join(tmpdir(), 'chatflow-test-bed-'));
  const namespace = await createTestNamespace();
  const config = loadConfig({ cwd: folder, env: options.env ?? {} });
  const store = options.store ?? createArtifactStore(config.artifact_store);
  const { address } = getTestServer();
  const temporal = new Client({ connection: await Connection.connect({ address }), namespace });
  const engine = await init({ address, namespace, config });
  const worker = workerSwitch({ namespace, config, store, options });
  await worker.start();
  return {
    namespace,
    address: { address, namespace },
    folder,
    config,
    store,
    engine,
    temporal,
    start: (yaml, rest) => startPlain(temporal, yaml, rest),
    startWorker: worker.start,
    stopWorker: worker.stop,
    stop: async () => {
      await worker.stop();
      await engine.close();
      await temporal.connection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface WorkerParts {
  readonly namespace: string;
  readonly config: ChatFlowConfig;
  readonly store: ArtifactStore;
  readonly options: TestBedOptions;
}

function workerSwitch(parts: WorkerParts): { start(): Promise<void>; stop(): Promise<void> } {
  let running: { stop(): Promise<void> } | null = null;
  return {
    start: async () => {
      running = await startTestWorker(await workerOptions(parts));
    },
    stop: async () => {
      const stopping = running;
      running = null;
      await stopping?.stop();
    },
  };
}

async function workerOptions({
  namespace,
  config,
  store,
  options,
}: WorkerParts): Promise<Omit<WorkerOptions, 'connection'>> {
  const { secrets = {} } = options;
  return {
    namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await getWorkflowBundle(),
    activities: createActivities({
      store,
      config,
      definitions: createDefinitionFolderRegistry(config.definitions),
      secrets: (name) => secrets[name],
    }) as unknown as object,
    sinks: closingSnapshotSinks(store, (facts) => console.error('no closing snapshot', facts)),
    stickyQueueScheduleToStartTimeout: '2s',
    ...options.worker,
  };
}

/** An id as the engine draws them. */
export function newInstanceId(): string {
  return `wfi_${randomBytes(6).toString('hex')}`;
}

/** A definition's document; `name` and `version` may be left out of the text. */
export function documentOf(yaml: string): JsonObject {
  return { name: 'flow', version: '1', ...(parse(yaml) as JsonObject) };
}

async function startPlain(
  client: Client,
  yaml: string,
  rest: Partial<StartInput> = {},
): Promise<WorkflowHandleWithFirstExecutionRunId> {
  const input = { feature_id: 'F-1', schema: documentOf(yaml), ...rest };
  const handle = await client.workflow.start(WORKFLOW_TYPE, {
    workflowId: newInstanceId(),
    taskQueue: TASK_QUEUE,
    args: [input],
  });
  await untilPrepared(handle);
  return handle;
}

/** Until then queries are refused with "ask again". */
export async function untilPrepared(handle: WorkflowHandle): Promise<void> {
  const isPrepared = (): Promise<boolean> =>
    handle.query('get_workflow_status_info').then(
      () => true,
      (error: unknown) => {
        if (/still being prepared/.test(String(error))) return false;
        throw error;
      },
    );
  while (!(await isPrepared()));
}

/** Events of the execution's current run in Temporal. */
export async function historyLength(handle: WorkflowHandle): Promise<number> {
  return (await handle.describe()).historyLength;
}

/** The types of an instance's audit events, in order. */
export function typesOf(events: readonly HistoryEvent[]): string[] {
  return events.map((event) => event.event_type);
}
