/** The definition files in a list of folders: what a definition registry reads. */
import { realpath, readdir, open, stat } from 'node:fs/promises';
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

interface KnownText {
  readonly mark: string;
  readonly text: string;
}

/** A change within one tick of the file system's clock would leave the same mark: what is younger is read again. */
const SETTLED_MS = 2000;
const MAX_KNOWN = 200;

/** What tells one content of a path from the next; null of what may still change unseen, or is gone. */
async function markOf(path: string): Promise<string | null> {
  const facts = await orNull(stat(path));
  if (facts === null || Date.now() - facts.ctimeMs < SETTLED_MS) return null;
  return `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeMs}:${facts.ctimeMs}`;
}

/** Reads files, or remembers what they held: a tree of a thousand children asks for one file a thousand times. */
function createReader(): (file: DefinitionFile, folder: string) => Promise<string | null> {
  const known = new Map<string, KnownText>();
  return async (file, folder) => {
    const mark = await markOf(file.path);
    const last = known.get(file.path);
    if (mark !== null && last?.mark === mark) return last.text;
    const text = await readFile(file, folder);
    if (known.size >= MAX_KNOWN) known.clear();
    if (text !== null && mark !== null) known.set(file.path, { mark, text });
    return text;
  };
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

/**
 * Definition files (`.yaml`, `.yml`, `.json`) directly in these folders: listed afresh at every call, and read again
 * where they have changed.
 */
export function createDefinitionFolders(folders: readonly string[]): DefinitionFolders {
  const bases = folders.map((folder) => resolve(folder));
  const read = createReader();
  return {
    list: async () => (await Promise.all(bases.map(listFolder))).flat(),
    read: async (file) => {
      const folder = bases.find((base) => join(base, file.name) === file.path);
      return folder === undefined ? null : read(file, folder);
    },
  };
}
