import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../audit/make-folder.js';

const NAME = 'unreadable';

/**
 * Makes a folder's entry that nobody can open, the superuser neither: a link that leads to itself.
 * @returns its absolute path, in `workDir`, which is made where it is not there
 */
export async function makeUnreadableFolder(workDir: string): Promise<string> {
  await makeFolder(workDir);
  const path = join(workDir, NAME);
  await symlink(NAME, path);
  return path;
}
