import { createDefinitionFolders } from '../artifacts/index.js';
import { createDefinitionRegistry, type DefinitionRegistry } from '../definition/definition-registry.js';

/** The definitions that lie in these folders; folders that do not exist are empty. Read afresh at every call. */
export function createDefinitionFolderRegistry(folders: readonly string[]): DefinitionRegistry {
  return createDefinitionRegistry(createDefinitionFolders(folders));
}
