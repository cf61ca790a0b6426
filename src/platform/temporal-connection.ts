/** The connection to Temporal, by Temporal's own environment configuration. */
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { ChatFlowError } from '../core/errors.js';
import { loadTemporalSettings, type TemporalOverrides } from './temporal-settings.js';

export { loadTemporalSettings, type TemporalOverrides, type TemporalSettings } from './temporal-settings.js';

const CONNECT_DEADLINE_MS = 5_000;

/** An open connection; the caller closes it. */
export interface TemporalConnection<C> {
  readonly connection: C;
  readonly address: string;
  readonly namespace: string;
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

function unavailable(address: string, error: unknown): ChatFlowError {
  return new ChatFlowError(
    'TemporalUnavailableError',
    `Temporal at ${address} can't be reached (${(error as Error).message}). ` +
      'Start one with `chatflow up`, or set TEMPORAL_ADDRESS to yours',
    { address },
    { cause: error },
  );
}
