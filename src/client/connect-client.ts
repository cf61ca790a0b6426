import { Client, Connection, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { loadTemporalSettings } from '../platform/temporal-settings.js';
import { retryDelayMs, shouldRetry } from './grpc-retry.js';

export interface ConnectOptions {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A Temporal client, where it points, and how to close what was opened for it. */
export interface ConnectedClient {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  close(): Promise<void>;
}

/**
 * A client by Temporal's own environment configuration, and what is given over it. It connects with the first call:
 * a program may start before its server does.
 *
 * @throws ConfigurationError where the environment's configuration can't be read
 */
export function connectClient({ address, namespace }: ConnectOptions): ConnectedClient {
  const settings = loadTemporalSettings({
    ...(address !== undefined && { address }),
    ...(namespace !== undefined && { namespace }),
  });
  const connection = Connection.lazy({
    // The two kinds of connection take the same settings here: address, TLS, API key, metadata.
    ...(settings.connectionOptions as ConnectionOptions),
    interceptors: [makeGrpcRetryInterceptor({ delayFunction: retryDelayMs, retryableDecider: shouldRetry })],
  });
  const client = new Client({ connection, namespace: settings.namespace });
  const { close } = connection;
  return {
    client,
    address: settings.address,
    namespace: settings.namespace,
    close: () => close.call(connection),
  };
}
