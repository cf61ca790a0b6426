/** One server, the two workers on it, and the client that drives both. */
import { Client, Connection } from '@temporalio/client';
import type { Contender, ContenderName } from './contender.js';
import type { EmbeddedServer } from '../src/platform/embedded-server.js';
import { startBenchServer, type ServerKind } from './server.js';
import { bareBundlePath } from './bare/bundle.js';
import { WorkerProcess } from './worker-process.js';

export interface Side {
  readonly contender: Contender;
  readonly worker: WorkerProcess;
}

export interface TestBed {
  readonly server: EmbeddedServer;
  readonly client: Client;
  readonly sides: Readonly<Record<ContenderName, Side>>;
  readonly stopWorkers: () => Promise<void>;
  /** Workers, connection and server. */
  readonly stop: () => Promise<void>;
}

/** What happens on the way out, last first: also after a failure. Each may run twice. */
export type Cleanups = (() => Promise<void>)[];

/** Starts a server and a worker for each contender; what they write lies under `dataDir`. */
export async function startTestBed(
  kind: ServerKind,
  dataDir: string,
  contenders: Readonly<Record<ContenderName, Contender>>,
  cleanups: Cleanups,
): Promise<TestBed> {
  const server = await startBenchServer(kind, dataDir);
  cleanups.push(() => server.stop());
  const connection = await Connection.connect({ address: server.address });
  cleanups.push(() => connection.close());
  const startSide = async (contender: Contender): Promise<Side> => {
    const worker = await startWorker(server, contender, dataDir);
    cleanups.push(() => worker.stop());
    return { contender, worker };
  };
  const sides = { ours: await startSide(contenders.ours), bare: await startSide(contenders.bare) };
  const stopWorkers = async (): Promise<void> => {
    await sides.ours.worker.stop();
    await sides.bare.worker.stop();
  };
  const stop = async (): Promise<void> => {
    await stopWorkers();
    await server.stop();
  };
  return { server, client: new Client({ connection }), sides, stopWorkers, stop };
}

/** A worker's process for one contender. */
export function startWorker(
  server: EmbeddedServer,
  contender: Contender,
  dataDir: string,
): Promise<WorkerProcess> {
  return WorkerProcess.start(contender.workerModule, {
    address: server.address,
    max_cached_workflows: MAX_CACHED_WORKFLOWS,
    data_dir: dataDir,
    bare_bundle: bareBundlePath(dataDir),
  });
}

/** More than any measure keeps open: nothing is evicted while memory is read. */
const MAX_CACHED_WORKFLOWS = 3000;
