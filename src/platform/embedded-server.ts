/**
 * Temporal's development server as a child of ours, with its Web UI, on a SQLite file under the data directory: state
 * survives `kill -9` of the server, of ours and of both. What a crash leaves behind (the lock, the server itself) is
 * cleared by the next start.
 */
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChatFlowError } from '../core/errors.js';
import { lockDataDirectory, type DataDirectoryLock } from './data-directory-lock.js';
import { addressInUse, isListening, reservePort } from './free-port.js';
import type { Logger } from './logging.js';
import { registerSearchAttributes } from './search-attributes.js';
import { findServerBinary } from './server-binary.js';
import { endOrphanServers } from './server-orphans.js';
import { spawnServer, type ProcessExit, type ServerProcess } from './server-process.js';
import {
  DEFAULT_RETENTION_SEC,
  SERVER_DYNAMIC_CONFIG,
  SQLITE_PRAGMAS,
  dynamicConfigArgs,
} from './server-tuning.js';

/** The development server is open to whoever reaches it, so only this machine does. */
const HOST = '127.0.0.1';
const DEFAULT_PORT = 7233;
const UI_PORT_OFFSET = 1000;
const MAX_PORT = 65_535;
const READY_DEADLINE_MS = 30_000;
const CONNECT_DEADLINE_MS = 5_000;
const LOOK_AGAIN_MS = 25;

export interface EmbeddedServerOptions {
  /** Holds the database, the server's log and the lock; made where there is none. */
  readonly dataDir: string;
  /** Default 7233; 0 takes any free one. */
  readonly port?: number;
  /** Default the port + 1000; 0 takes any free one; null leaves the Web UI out. */
  readonly uiPort?: number | null;
  /** Keeps state in memory: it ends with the server. */
  readonly inMemory?: boolean;
  /** Default `default`; made where there is none. */
  readonly namespace?: string;
  /** How long closed instances stay; default a year. */
  readonly retentionSec?: number;
  /** Path of the server binary; default: found by `findServerBinary`. */
  readonly binary?: string;
  /** More dynamic configuration, over the tuning. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
  readonly log: Logger;
  /** Ends the start: it rejects with the signal's reason once what it had started has ended. */
  readonly signal?: AbortSignal;
}

/** A server that answers, with namespace, retention and search attributes in place. */
export interface EmbeddedServer {
  readonly address: string;
  readonly namespace: string;
  /** Null where the Web UI was left out. */
  readonly uiUrl: string | null;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<ProcessExit>;
  /** Ends the server and releases the data directory. Idempotent. */
  stop(): Promise<void>;
}

interface Plan {
  readonly binary: string;
  readonly port: number;
  readonly uiPort: number | null;
  readonly namespace: string;
  readonly databaseFile: string | null;
  readonly logFile: string;
  readonly dynamicConfig: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Starts the server and returns once it is ready.
 * @throws ChatFlowError DataDirectoryInUseError, AddressInUseError, ServerBinaryNotFoundError,
 *   ConfigurationError (the data directory can't be written), TemporalUnavailableError (it ended or did not get ready; the message has the last lines of its log)
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const dataDir = resolve(options.dataDir);
  const lock = await lockUsable(dataDir);
  try {
    return await startLocked(dataDir, lock, options);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function lockUsable(dataDir: string): Promise<DataDirectoryLock> {
  try {
    return await lockDataDirectory(dataDir);
  } catch (error) {
    if (error instanceof ChatFlowError) throw error;
    const message = `The data directory ${dataDir} can't be used: ${(error as Error).message}. Choose another --data-dir`;
    throw new ChatFlowError('ConfigurationError', message, { data_dir: dataDir }, { cause: error });
  }
}

async function startLocked(
  dataDir: string,
  lock: DataDirectoryLock,
  options: EmbeddedServerOptions,
): Promise<EmbeddedServer> {
  const ended = whenAborted(options.signal);
  const plan = await Promise.race([makePlan(dataDir, options), ended]);
  options.signal?.throwIfAborted();
  const server = await spawnServer(plan.binary, serverArgs(plan), plan.logFile);
  const address = `${HOST}:${plan.port}`;
  try {
    const connection = await Promise.race([connectWhenReady(plan.port), explainExit(server, plan), ended]);
    try {
      const retentionSec = options.retentionSec ?? DEFAULT_RETENTION_SEC;
      await Promise.race([prepareNamespace(connection, plan.namespace, retentionSec), ended]);
    } finally {
      await connection.close();
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    address,
    namespace: plan.namespace,
    uiUrl: plan.uiPort === null ? null : `http://${HOST}:${plan.uiPort}`,
    pid: server.pid,
    logFile: plan.logFile,
    exited: server.exited,
    stop: async () => {
      await server.stop();
      await lock.release();
    },
  };
}

/** Rejects with the signal's reason; never resolves. */
function whenAborted(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    const end = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end, { once: true });
  });
  aborted.catch(() => undefined); // Whoever waits hears of it.
  return aborted;
}

async function makePlan(dataDir: string, options: EmbeddedServerOptions): Promise<Plan> {
  const databaseFile = options.inMemory === true ? null : join(dataDir, 'temporal.db');
  if (databaseFile !== null) await endOrphanServers(databaseFile, options.log);
  const port = await reservePort(HOST, options.port ?? DEFAULT_PORT, 'server');
  const wantedUiPort = options.uiPort === undefined ? uiPortFor(port) : options.uiPort;
  return {
    binary: await findServerBinary({
      log: options.log,
      ...(options.binary !== undefined && { explicit: options.binary }),
    }),
    port,
    uiPort: wantedUiPort === null ? null : await reservePort(HOST, wantedUiPort, 'ui'),
    namespace: options.namespace ?? 'default',
    databaseFile,
    logFile: join(dataDir, 'temporal-server.log'),
    dynamicConfig: { ...SERVER_DYNAMIC_CONFIG, ...options.dynamicConfig },
  };
}

/** As Temporal's CLI chooses it; near the end of the range any free one. */
function uiPortFor(port: number): number {
  return port + UI_PORT_OFFSET <= MAX_PORT ? port + UI_PORT_OFFSET : 0;
}

function serverArgs(plan: Plan): string[] {
  const pragmas = Object.entries(SQLITE_PRAGMAS).flatMap(([name, value]) => [
    '--sqlite-pragma',
    `${name}=${value}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(plan.port), '--namespace', plan.namespace],
    ...(plan.uiPort === null
      ? ['--headless']
      : ['--ui-port', String(plan.uiPort), '--ui-disable-news-fetch']),
    ...(plan.databaseFile === null ? [] : ['--db-filename', plan.databaseFile, ...pragmas]),
    ...['--log-format', 'json', '--log-level', 'warn'],
    ...dynamicConfigArgs(plan.dynamicConfig),
  ];
}

/** A look at the port first: a gRPC channel that was refused once waits a second before it tries again. */
async function connectWhenReady(port: number): Promise<Connection> {
  const address = `${HOST}:${port}`;
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      if (await isListening(HOST, port))
        return await Connection.connect({ address, connectTimeout: CONNECT_DEADLINE_MS });
    } catch (error) {
      if (Date.now() > deadline) throw notReady(address, error);
    }
    if (Date.now() > deadline) throw notReady(address);
    await delay(LOOK_AGAIN_MS);
  }
}

function notReady(address: string, cause?: unknown): ChatFlowError {
  const seconds = READY_DEADLINE_MS / 1000;
  const message = `The Temporal server at ${address} was not ready within ${seconds} s`;
  return new ChatFlowError('TemporalUnavailableError', message, { address }, { cause });
}

async function explainExit(server: ServerProcess, plan: Plan): Promise<never> {
  const { code, signal } = await server.exited;
  const words = await server.lastWords();
  if (/address already in use/i.test(words)) {
    const isUi = plan.uiPort !== null && words.includes(`:${plan.uiPort}`);
    throw isUi ? addressInUse(HOST, plan.uiPort, 'ui') : addressInUse(HOST, plan.port, 'server');
  }
  throw new ChatFlowError(
    'TemporalUnavailableError',
    `The Temporal server ended at its start (${signal ?? `code ${code}`}). Its last words, from ${plan.logFile}:\n${words}`,
    { code, signal, log_file: plan.logFile },
  );
}

async function prepareNamespace(
  connection: Connection,
  namespace: string,
  retentionSec: number,
): Promise<void> {
  await waitForNamespace(connection, namespace);
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(retentionSec * 1000) },
  });
  await registerSearchAttributes(connection, namespace);
}

/** The server answers a moment before it has made its namespaces. */
async function waitForNamespace(connection: Connection, namespace: string): Promise<void> {
  const GRPC_NOT_FOUND = 5;
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      await connection.workflowService.describeNamespace({ namespace });
      return;
    } catch (error) {
      if ((error as { code?: number }).code !== GRPC_NOT_FOUND || Date.now() > deadline) throw error;
      await delay(LOOK_AGAIN_MS);
    }
  }
}
