import { opendir } from 'node:fs/promises';

/** A folder that the file system does not open. The message is the file system's own. */
export class FolderUnreadableError extends Error {
  override readonly name = 'FolderUnreadableError';
}

/** Makes sure that a folder can be opened. @throws FolderUnreadableError */
export async function openFolder(path: string): Promise<void> {
  try {
    await (await opendir(path)).close();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new FolderUnreadableError(error.message, { cause: error });
  }
}
