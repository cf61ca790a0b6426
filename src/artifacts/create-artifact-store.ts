import { ChatFlowError } from '../core/errors.js';
import type { ArtifactStore } from './artifact-store.js';
import { createFileArtifactStore } from './file-artifact-store.js';
import { createMemoryArtifactStore } from './memory-artifact-store.js';

/** Which driver, told apart by `type`. */
export type ArtifactStoreConfig =
  | { readonly type: 'file'; /** Folder; made when it is missing. */ readonly root: string }
  | { readonly type: 'memory' };

const DRIVERS: Readonly<Record<string, (config: ArtifactStoreConfig) => ArtifactStore>> = {
  file: (config) => createFileArtifactStore(rootOf(config)),
  memory: () => createMemoryArtifactStore(),
};

function rootOf(config: ArtifactStoreConfig): string {
  if (config.type === 'file' && config.root !== '') return config.root;
  throw new ChatFlowError('ConfigurationError', 'artifact_store.root must name a folder', {
    path: 'artifact_store.root',
  });
}

/**
 * The store that a configuration names.
 * @throws ChatFlowError `ConfigurationError` for a driver that does not exist.
 */
export function createArtifactStore(config: ArtifactStoreConfig): ArtifactStore {
  const driver = Object.hasOwn(DRIVERS, config.type) ? DRIVERS[config.type] : undefined;
  if (driver !== undefined) return driver(config);
  throw new ChatFlowError(
    'ConfigurationError',
    `artifact_store.type is ${JSON.stringify(config.type)}, which is none of ${Object.keys(DRIVERS).join(', ')}`,
    { path: 'artifact_store.type' },
  );
}
