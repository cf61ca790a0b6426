/** The definition files in a list of folders: what a definition registry reads. */
import { realpath, readdir, open } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';

/** One file of one folder; `name` is its own name, without a path. */
export interface DefinitionFile {
  readonly name: string;
  readonly path: string;
}

/** Structurally the `DefinitionFiles` port of src/definition/definition-registry.ts. */
export interface DefinitionFolders {
  /** In the folders' order, then by name. Folders that do not exist are empty. */
  list(): Promise<readonly DefinitionFile[]>;
  /** A file's text; of one above the limit no more than is needed to see that it is. Null where it is gone. */
  read(file: DefinitionFile): Promise<string | null>;
}

const EXTENSION = /\.(ya?ml|json)$/;
const READ_LIMIT_BYTES = 256 * 1024 + 1;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function listFolder(folder: string): Promise<readonly DefinitionFile[]> {
  const names = (await orNull(readdir(folder))) ?? [];
  const files = names.filter((name) => EXTENSION.test(name) && !name.startsWith('.')).sort();
  return files.map((name) => ({ name, path: join(folder, name) }));
}

/** Names come from the folder's listing alone; a link is followed only within the folder. */
async function readFile(file: DefinitionFile, folder: string): Promise<string | null> {
  const [base, path] = [await orNull(realpath(folder)), await orNull(realpath(file.path))];
  if (base === null || path === null || !path.startsWith(base + sep)) return null;
  const handle = await orNull(open(path, 'r'));
  if (handle === null) return null;
  try {
    if (!(await handle.stat()).isFile()) return null;
    const buffer = Buffer.alloc(READ_LIMIT_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, READ_LIMIT_BYTES, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** Definition files (`.yaml`, `.yml`, `.json`) directly in these folders, read afresh at every call. */
export function createDefinitionFolders(folders: readonly string[]): DefinitionFolders {
  const bases = folders.map((folder) => resolve(folder));
  return {
    list: async () => (await Promise.all(bases.map(listFolder))).flat(),
    read: async (file) => {
      const folder = bases.find((base) => join(base, file.name) === file.path);
      return folder === undefined ? null : readFile(file, folder);
    },
  };
}
