/** The few calls that the file driver makes of the operating system: a port, so that tests crash between any two. */
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';

export interface PathFacts {
  readonly type: 'file' | 'folder' | 'other';
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

export interface FileOperations {
  /** Facts of the path itself, symbolic links not followed; null where nothing is. */
  inspect(path: string): Promise<PathFacts | null>;
  /** Makes one folder; false where it exists. */
  makeFolder(path: string): Promise<boolean>;
  /** Makes a file that must not exist yet. */
  write(path: string, content: Uint8Array): Promise<void>;
  /** Waits until a file, or the names in a folder, are on the disk. */
  sync(path: string): Promise<void>;
  /** A second name for a file; false where the name is taken. */
  link(from: string, to: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; one that is gone is fine. */
  remove(path: string): Promise<void>;
  /** A file's content, null where there is none. Never follows a symbolic link. */
  read(path: string): Promise<Uint8Array | null>;
  /** Names in a folder; none where it does not exist. */
  names(path: string): Promise<readonly string[]>;
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Runs a call; the value instead where it fails with one of these codes. */
async function or<T>(call: Promise<T>, value: T, ...codes: readonly string[]): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, ...codes)) return value;
    throw error;
  }
}

async function inspect(path: string): Promise<PathFacts | null> {
  const facts = await or(lstat(path), null, 'ENOENT', 'ENOTDIR');
  if (facts === null) return null;
  const type = facts.isFile() ? 'file' : facts.isDirectory() ? 'folder' : 'other';
  return { type, sizeBytes: facts.size, modifiedAtMs: facts.mtimeMs };
}

async function write(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function read(path: string): Promise<Uint8Array | null> {
  const file = await or(open(path, constants.O_RDONLY | constants.O_NOFOLLOW), null, 'ENOENT', 'ENOTDIR');
  if (file === null) return null;
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

const done = (): boolean => true;

/** The real file system. */
export const nodeFileOperations: FileOperations = {
  inspect,
  makeFolder: (path) => or(mkdir(path).then(done), false, 'EEXIST'),
  write,
  sync,
  link: (from, to) => or(link(from, to).then(done), false, 'EEXIST'),
  rename,
  remove: (path) => or(unlink(path), undefined, 'ENOENT'),
  read,
  names: (path) => or<readonly string[]>(readdir(path), [], 'ENOENT', 'ENOTDIR'),
};
