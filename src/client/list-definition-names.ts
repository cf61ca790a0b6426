import { createDefinitionFolders } from '../artifacts/index.js';

/** `name`, or `name@v1.2`, of each definition file in these folders, by the files' names alone. */
export async function listDefinitionNames(folders: readonly string[]): Promise<readonly string[]> {
  const files = await createDefinitionFolders(folders).list();
  return files.map(({ name }) => name.replace(/\.(ya?ml|json)$/, ''));
}
