/**
 * The connection to Temporal, by Temporal's own environment configuration (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
 * temporal.toml, profiles, TLS, API keys): ChatFlow adds none of its own.
 */
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { ChatFlowError } from '../core/errors.js';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_NAMESPACE = 'default';
const CONNECT_DEADLINE_MS = 5_000;

/** What may be given in place of the environment's. */
export interface TemporalOverrides {
  readonly address?: string;
  readonly namespace?: string;
  /** Default process.env. */
  readonly env?: NodeJS.ProcessEnv;
  /** How long to wait for the server; default 5 seconds. */
  readonly deadlineMs?: number;
}

/** Where Temporal is and how it is reached. */
export interface TemporalSettings {
  readonly address: string;
  readonly namespace: string;
  readonly connectionOptions: NativeConnectionOptions;
}

/** An open connection; the caller closes it. */
export interface TemporalConnection<C> {
  readonly connection: C;
  readonly address: string;
  readonly namespace: string;
}

/** Reads the settings without connecting. @throws ChatFlowError ConfigurationError */
export function loadTemporalSettings(overrides: TemporalOverrides = {}): TemporalSettings {
  const { connectionOptions, namespace } = readEnvironment(overrides.env);
  const address = overrides.address ?? connectionOptions.address ?? DEFAULT_ADDRESS;
  return {
    address,
    namespace: overrides.namespace ?? namespace ?? DEFAULT_NAMESPACE,
    connectionOptions: { ...connectionOptions, address },
  };
}

/** Connects a client. @throws ChatFlowError TemporalUnavailableError, ConfigurationError */
export async function connectTemporal(
  overrides: TemporalOverrides = {},
): Promise<TemporalConnection<Connection>> {
  const { address, namespace, connectionOptions } = loadTemporalSettings(overrides);
  const connectTimeout = overrides.deadlineMs ?? CONNECT_DEADLINE_MS;
  // The two kinds of connection take the same settings here: address, TLS, API key, metadata.
  const options = { ...connectionOptions, connectTimeout } as ConnectionOptions;
  const connection = await Connection.connect(options).catch((error: unknown) => {
    throw unavailable(address, error);
  });
  return { connection, address, namespace };
}

/** Connects a worker. @throws ChatFlowError TemporalUnavailableError, ConfigurationError */
export async function connectWorkerToTemporal(
  overrides: TemporalOverrides = {},
): Promise<TemporalConnection<NativeConnection>> {
  // The native connection has no deadline of its own: ask with the client's first.
  const asked = await connectTemporal(overrides);
  await asked.connection.close();
  const { address, namespace, connectionOptions } = loadTemporalSettings(overrides);
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    throw unavailable(address, error);
  });
  return { connection, address, namespace };
}

function readEnvironment(env: NodeJS.ProcessEnv | undefined): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig(env === undefined ? {} : { overrideEnvVars: definedOnly(env) });
  } catch (error) {
    throw new ChatFlowError(
      'ConfigurationError',
      `Temporal's environment configuration can't be read: ${(error as Error).message}`,
      {},
      { cause: error },
    );
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function unavailable(address: string, error: unknown): ChatFlowError {
  return new ChatFlowError(
    'TemporalUnavailableError',
    `Temporal at ${address} can't be reached (${(error as Error).message}). ` +
      'Start one with `chatflow up`, or set TEMPORAL_ADDRESS to yours',
    { address },
    { cause: error },
  );
}
