import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionLike, ConnectionOptions } from '@temporalio/client';
import { loadTemporalSettings } from '../platform/temporal-settings.js';
import { retryDelayMs, shouldRetry } from './grpc-retry.js';

export interface ConnectOptions {
  readonly address?: string;
  readonly namespace?: string;
  /** A connection of the caller's own; it stays the caller's to close. */
  readonly connection?: ConnectionLike;
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
export function connectClient({ address, namespace, connection }: ConnectOptions): ConnectedClient {
  const settings = loadTemporalSettings({
    ...(address !== undefined && { address }),
    ...(namespace !== undefined && { namespace }),
  });
  const { namespace: chosen } = settings;
  if (connection !== undefined) {
    const client = new Client({ connection, namespace: chosen });
    return { client, address: address ?? GIVEN, namespace: chosen, close: () => Promise.resolve() };
  }
  const opened = openConnection(settings.connectionOptions);
  const client = new Client({ connection: opened.connection, namespace: chosen });
  return { client, address: settings.address, namespace: chosen, close: opened.close };
}

/** What messages call the server where only the caller knows its address. */
const GIVEN = 'the given connection';

/** Timers that are due at the same moment as another may come after it. */
const TIMER_SLACK_MS = 10;

/**
 * Closing waits for calls that are due to be tried again, a second at most: on a connection that has been closed they
 * would throw out of their timers, where nobody could catch it. Tried once more, they end with the connection.
 */
function openConnection(options: ConnectionOptions): { connection: Connection; close(): Promise<void> } {
  let isClosing = false;
  let retryAt = 0;
  const retry = makeGrpcRetryInterceptor({
    delayFunction: (attempt, status) => {
      const delayMs = retryDelayMs(attempt, status);
      retryAt = Math.max(retryAt, Date.now() + delayMs);
      return delayMs;
    },
    retryableDecider: (attempt, status) => !isClosing && shouldRetry(attempt, status),
  });
  const connection = Connection.lazy({ ...options, interceptors: [retry] });
  const close = async (): Promise<void> => {
    isClosing = true;
    const left = retryAt - Date.now();
    if (left > 0) await delay(left + TIMER_SLACK_MS);
    await connection.close();
  };
  return { connection, close };
}
