/**
 * Where Temporal is, by Temporal's own environment configuration (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, temporal.toml,
 * profiles, TLS, API keys): ChatFlow adds none of its own. Apart from the connections, since loading a worker's native
 * code costs every command a quarter of a second.
 */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ChatFlowError } from '../core/errors.js';

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_NAMESPACE = 'default';

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

function readEnvironment(env: NodeJS.ProcessEnv | undefined): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig(env === undefined ? {} : { overrideEnvVars: definedOnly(env) });
  } catch (error) {
    throw new ChatFlowError(
      'ConfigurationError',
      `Temporal's environment configuration can't be read: ${reasonOf(error)}`,
      {},
      { cause: error },
    );
  }
}

/** A file without any profile breaks the SDK's reader, which says no more than where it broke. */
function reasonOf(error: unknown): string {
  return error instanceof TypeError
    ? 'the file that TEMPORAL_CONFIG_FILE names, or temporal.toml, has no profile. Give it a [profile.default], or remove it'
    : (error as Error).message;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
