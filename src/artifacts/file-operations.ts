/** The few calls that the file driver makes of the operating system: a port, so that tests crash between any two. */
import * as fs from 'node:fs';
import { lstat, open as openHandle, readdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

// What every write makes: over plain descriptors and callbacks, which take less of the processor than file handles.
const open = promisify(fs.open);
const writeFile = promisify(fs.writeFile);
const fsync = promisify(fs.fsync);
const close = promisify(fs.close);
const link = promisify(fs.link);
const mkdir = promisify(fs.mkdir);
const realpath = promisify(fs.realpath.native);
const unlink = promisify(fs.unlink);

export interface PathFacts {
  readonly type: 'file' | 'folder' | 'other';
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** A file that was just made, open for writing. */
export interface NewFile {
  writeFile(content: Uint8Array): Promise<void>;
  /** Waits until the content is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileOperations {
  /** Facts of the path itself, symbolic links not followed; null where nothing is. */
  inspect(path: string): Promise<PathFacts | null>;
  /** The path with every symbolic link in it followed; null where it leads to nothing. */
  realPath(path: string): Promise<string | null>;
  /** Makes one folder; false where its name is taken, or a name above it is no folder's. */
  makeFolder(path: string): Promise<boolean>;
  /** Makes a folder and all that are missing above it. */
  makeFolders(path: string): Promise<void>;
  /** Makes a file that must not exist yet; null where the name above it is no folder's. */
  create(path: string): Promise<NewFile | null>;
  /** Waits until the names in a folder are on the disk. */
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

async function create(path: string): Promise<NewFile | null> {
  const file = await or(open(path, 'wx'), null, 'ENOTDIR');
  if (file === null) return null;
  return {
    writeFile: (content) => writeFile(file, content),
    sync: () => fsync(file),
    close: () => close(file),
  };
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await fsync(file);
  } finally {
    await close(file);
  }
}

async function read(path: string): Promise<Uint8Array | null> {
  const file = await or(
    openHandle(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW),
    null,
    'ENOENT',
    'ENOTDIR',
  );
  if (file === null) return null;
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

const done = (): boolean => true;

/** One folder after the other: where none can be made (`/proc`), Node's recursive mkdir tries for ever. */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    await or(mkdir(path), undefined, 'EEXIST');
  }
}

/** The real file system. */
export const nodeFileOperations: FileOperations = {
  inspect,
  realPath: (path) => or(realpath(path), null, 'ENOENT', 'ENOTDIR', 'ELOOP'),
  makeFolder: (path) => or(mkdir(path).then(done), false, 'EEXIST', 'ENOTDIR'),
  makeFolders,
  create,
  sync,
  link: (from, to) => or(link(from, to).then(done), false, 'EEXIST'),
  rename,
  remove: (path) => or(unlink(path), undefined, 'ENOENT', 'ENOTDIR'),
  read,
  names: (path) => or<readonly string[]>(readdir(path), [], 'ENOENT', 'ENOTDIR'),
};
