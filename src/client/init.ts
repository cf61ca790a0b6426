import { join, resolve } from 'node:path';
import type { ConnectionLike } from '@temporalio/client';
import { createArtifactStore } from '../artifacts/index.js';
import type { ArtifactStore } from '../artifacts/index.js';
import { loadConfig } from '../platform/config.js';
import type { ChatFlowConfig } from '../platform/config.js';
import { ChatFlow } from './chat-flow.js';
import type { ClientContext } from './client-context.js';
import { connectClient } from './connect-client.js';
import { UpdateGate } from './update-gate.js';

const DEFAULT_DEADLINE_MS = 10_000;
/** Half of what the server takes: other processes want their share. */
const UPDATES_AT_ONCE = 5;

/** Everything is optional: without, Temporal's environment configuration and `chatflow.config.yaml` decide. */
export interface InitOptions {
  /** Where artifacts lie, as for the worker; default `.chatflow`. Relative to the process's folder. */
  readonly data_dir?: string;
  /** Temporal's `host:port`. */
  readonly address?: string;
  readonly namespace?: string;
  /** Bind the client to one tenant: it starts instances in it and sees no others. */
  readonly tenant?: string;
  /** A store of the caller's own in place of the configured one. */
  readonly artifact_store?: ArtifactStore;
  /** In place of the configuration file and variables. */
  readonly config?: ChatFlowConfig;
  /** A connection to Temporal of the caller's own; it stays the caller's to close. */
  readonly connection?: ConnectionLike;
  /** How long a call may take, in milliseconds; default 10,000. */
  readonly deadline_ms?: number;
}

/**
 * Opens ChatFlow. `init('./path')` is short for `init({ data_dir: './path' })`. No server is asked yet: a call fails
 * with TemporalUnavailableError where there is none.
 *
 * @throws ConfigurationError
 */
export async function init(options: InitOptions | string = {}): Promise<ChatFlow> {
  return openEngine(typeof options === 'string' ? { data_dir: options } : options);
}

/** `init` without a promise, for the lazy singleton. */
export function openEngine(options: InitOptions = {}): ChatFlow {
  const config = options.config ?? loadConfig();
  const connected = connectClient(options);
  const storeConfig = storeConfigOf(config, options.data_dir);
  const context: ClientContext = {
    client: connected.client,
    address: connected.address,
    namespace: connected.namespace,
    tenant: options.tenant ?? null,
    store: options.artifact_store ?? createArtifactStore(storeConfig),
    storePlace: options.artifact_store === undefined ? storeConfig.root : 'the given store',
    config,
    deadlineMs: options.deadline_ms ?? DEFAULT_DEADLINE_MS,
    updates: new UpdateGate(UPDATES_AT_ONCE),
    tenants: new Map(),
  };
  return new ChatFlow(context, () => connected.close());
}

/** A data directory of the caller's own takes the default layout, not the configured store's place. */
function storeConfigOf(
  config: ChatFlowConfig,
  dataDir: string | undefined,
): ChatFlowConfig['artifact_store'] {
  if (dataDir === undefined) return config.artifact_store;
  return { type: 'file', root: join(resolve(dataDir), 'artifacts') };
}
