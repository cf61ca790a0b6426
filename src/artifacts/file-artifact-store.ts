/**
 * Artifacts as files below one folder, a key's path being its file's.
 *
 * F1 A content is written to a temporary file in its own folder, synced, and then renamed over the target (overwrite)
 *    or linked to it (write once); then the folder is synced. So a crash at any point leaves the old content or the new.
 *    Where `durable` is false the folder is not synced: the new name may be lost, but no name has half a content.
 * F2 Temporary names begin with a dot, which no key can: listings pass over what a crash left, and the first write of
 *    a process to a folder removes what is older than an hour.
 * F3 Below the root nothing that is a symbolic link is followed: before each write, a folder above the key that exists,
 *    the deepest where that is known, must be its own real path. Each level below it is made, or else looked at.
 * F4 A durable write syncs the names of the folders above it, too, unless this store has done so before: another
 *    writer may have made them without.
 */
import { randomUUID } from 'node:crypto';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { ChatFlowError } from '../core/errors.js';
import { checkArtifactKey, checkArtifactPrefix } from './artifact-key.js';
import {
  artifactNotFound,
  checkArtifactSize,
  type ArtifactStat,
  type ArtifactStore,
  type PutOptions,
  type PutOutcome,
} from './artifact-store.js';
import { nodeFileOperations, type FileOperations, type PathFacts } from './file-operations.js';

export interface FileArtifactStoreOptions {
  /** Age in milliseconds from which a temporary file counts as left by a crash. Default: an hour. */
  readonly leftoverAgeMs?: number;
  readonly files?: FileOperations;
}

const TEMPORARY_PREFIX = '.tmp-';
const HOUR_MS = 3_600_000;
const MAX_SEEN_FOLDERS = 10_000;

/**
 * The path of a key below a root: always `resolve(root)` + separator + the key.
 * @throws ChatFlowError `InvalidInputError`
 */
export function artifactPath(root: string, key: string): string {
  checkArtifactKey(key);
  const base = resolve(root);
  const path = resolve(base, ...key.split('/'));
  if (path.startsWith(base.endsWith(sep) ? base : base + sep)) return path;
  throw new ChatFlowError('InvalidInputError', 'The artifact key leaves its folder', { reason: 'outside' });
}

function refuseLink(key: string): never {
  const reason = 'leads through something that is neither a folder nor a file of the store';
  throw new ChatFlowError('InvalidInputError', `The artifact key ${reason} [key=${key}]`, { key, reason });
}

/** The root and the folders between it and a key's file, outermost first. */
function foldersAbove(root: string, key: string): readonly string[] {
  const segments = key.split('/');
  return segments.map((_, depth) => join(root, ...segments.slice(0, depth)));
}

/** What a store knows of a folder that it has written below. */
interface SeenFolder {
  /** Nothing of before this process is left in it to be removed (F2). */
  swept: boolean;
  /** Its own name is on the disk (F4). */
  settled: boolean;
}

class FileArtifactStore implements ArtifactStore {
  readonly #root: string;
  readonly #files: FileOperations;
  readonly #leftoverAgeMs: number;
  readonly #seen = new Map<string, SeenFolder>();

  constructor(root: string, options: FileArtifactStoreOptions) {
    this.#root = resolve(root);
    this.#files = options.files ?? nodeFileOperations;
    this.#leftoverAgeMs = options.leftoverAgeMs ?? HOUR_MS;
  }

  async put(key: string, content: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const path = artifactPath(this.#root, key);
    checkArtifactSize(key, content.byteLength);
    const overwrite = options.overwrite === true;
    const durable = options.durable !== false;
    await this.#makeFolders(key, durable);
    if (overwrite) await this.#refuseOtherThanFile(key, path);
    await this.#sweep(dirname(path));
    const outcome = await this.#place(key, path, content, overwrite);
    if (durable) await this.#files.sync(dirname(path));
    return outcome;
  }

  async get(key: string): Promise<Uint8Array> {
    const path = artifactPath(this.#root, key);
    if ((await this.#inspect(key)) === null) throw artifactNotFound(key);
    const content = await this.#files.read(path);
    if (content === null) throw artifactNotFound(key);
    return content;
  }

  async stat(key: string): Promise<ArtifactStat | null> {
    checkArtifactKey(key);
    const facts = await this.#inspect(key);
    return facts === null ? null : toStat(key, facts);
  }

  async list(prefix: string): Promise<readonly ArtifactStat[]> {
    checkArtifactPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '' && !(await this.#isFolder(folder.slice(0, -1)))) return [];
    const stats = await this.#walk(folder, prefix);
    return [...stats].sort((left, right) => (left.key < right.key ? -1 : 1));
  }

  async delete(key: string): Promise<void> {
    const path = artifactPath(this.#root, key);
    if ((await this.#inspect(key)) === null) return;
    await this.#files.remove(path);
    await this.#files.sync(dirname(path));
  }

  locate(key: string): string {
    return artifactPath(this.#root, key);
  }

  async #place(key: string, path: string, content: Uint8Array, overwrite: boolean): Promise<PutOutcome> {
    const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${randomUUID()}`);
    let renamed = false;
    try {
      await this.#write(key, temporary, content);
      if (!overwrite) return await this.#link(key, temporary, path);
      await this.#files.rename(temporary, path);
      renamed = true;
      return 'written';
    } finally {
      if (!renamed) await this.#files.remove(temporary);
    }
  }

  /** Makes a file whose content is on the disk when this returns. */
  async #write(key: string, path: string, content: Uint8Array): Promise<void> {
    const file = (await this.#files.create(path)) ?? refuseLink(key);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #link(key: string, from: string, to: string): Promise<PutOutcome> {
    if (await this.#files.link(from, to)) return 'written';
    await this.#refuseOtherThanFile(key, to);
    return 'exists';
  }

  async #refuseOtherThanFile(key: string, path: string): Promise<void> {
    const facts = await this.#files.inspect(path);
    if (facts !== null && facts.type !== 'file') refuseLink(key);
  }

  /** Makes every folder above a key; for a durable write, each name is on the disk before anything is made below it. */
  async #makeFolders(key: string, durable: boolean): Promise<void> {
    const folders = foldersAbove(this.#root, key);
    const existing = await this.#countExisting(key, folders);
    for (const [depth, folder] of folders.entries()) {
      const made = depth >= existing && (await this.#makeFolder(key, folder));
      const seen = this.#remember(folder, made);
      if (!durable || seen.settled) continue;
      await this.#files.sync(dirname(folder));
      seen.settled = true;
    }
  }

  /** How many of these folders, outermost first, are there at least; refuses a key that leads through a link (F3). */
  async #countExisting(key: string, folders: readonly string[]): Promise<number> {
    const likely = folders.slice(0, this.#countSeen(folders)).reverse();
    for (const [missing, folder] of likely.entries()) {
      const real = await this.#files.realPath(folder);
      if (real === null) continue;
      if (real !== folder && !(await this.#isBelowRealRoot(folder, real))) refuseLink(key);
      return likely.length - missing;
    }
    return 0;
  }

  /** A guess at how many of these folders are there: those that were seen, or all where none was. */
  #countSeen(folders: readonly string[]): number {
    const unseen = folders.findIndex((folder) => !this.#seen.has(folder));
    return unseen > 0 ? unseen : folders.length;
  }

  /** Whether a folder's real path differs from its name by nothing but links above the root, or the root's own. */
  async #isBelowRealRoot(folder: string, real: string): Promise<boolean> {
    const root = await this.#files.realPath(this.#root);
    return root !== null && real === join(root, relative(this.#root, folder));
  }

  /** Makes a folder below one that has been checked; false where it is there already. */
  async #makeFolder(key: string, folder: string): Promise<boolean> {
    if (folder === this.#root) {
      await this.#files.makeFolders(folder);
      return true;
    }
    if (await this.#files.makeFolder(folder)) return true;
    const facts = await this.#files.inspect(folder);
    if (facts?.type === 'folder') return false;
    if (facts === null) await this.#checkRoot();
    refuseLink(key);
  }

  /** A root that is no folder is nothing that a key could help: an error like that of a full disk. */
  async #checkRoot(): Promise<void> {
    const real = await this.#files.realPath(this.#root);
    if (real === null || (await this.#files.inspect(real))?.type === 'folder') return;
    throw new Error(`The artifact store cannot be written: ${this.#root} is no folder`);
  }

  /** What is known of a folder; of one that was just made nothing older counts. A memory too long is begun anew. */
  #remember(folder: string, made: boolean): SeenFolder {
    const known = made ? undefined : this.#seen.get(folder);
    if (known !== undefined) return known;
    if (this.#seen.size >= MAX_SEEN_FOLDERS) this.#seen.clear();
    const seen = { swept: made, settled: folder === this.#root };
    this.#seen.set(folder, seen);
    return seen;
  }

  /** Facts of a key's file, null where there is none; refuses a path that leads through a link. */
  async #inspect(key: string): Promise<PathFacts | null> {
    const segments = key.split('/');
    const last = segments.pop() ?? '';
    let path = this.#root;
    for (const segment of segments) {
      path = join(path, segment);
      const facts = await this.#files.inspect(path);
      if (facts === null || facts.type === 'file') return null;
      if (facts.type === 'other') refuseLink(key);
    }
    const facts = await this.#files.inspect(join(path, last));
    if (facts?.type === 'other') refuseLink(key);
    return facts?.type === 'file' ? facts : null;
  }

  async #isFolder(key: string): Promise<boolean> {
    let path = this.#root;
    for (const segment of key.split('/')) {
      path = join(path, segment);
      if ((await this.#files.inspect(path))?.type !== 'folder') return false;
    }
    return true;
  }

  async #walk(folder: string, prefix: string): Promise<readonly ArtifactStat[]> {
    const found: ArtifactStat[] = [];
    for (const name of await this.#files.names(join(this.#root, folder))) {
      const key = `${folder}${name}`;
      if (name.startsWith('.') || !key.startsWith(prefix)) continue;
      const facts = await this.#files.inspect(join(this.#root, key));
      if (facts?.type === 'file') found.push(toStat(key, facts));
      if (facts?.type === 'folder') found.push(...(await this.#walk(`${key}/`, prefix)));
    }
    return found;
  }

  async #sweep(folder: string): Promise<void> {
    const seen = this.#remember(folder, false);
    if (seen.swept) return;
    seen.swept = true;
    for (const name of await this.#files.names(folder)) {
      if (!name.startsWith(TEMPORARY_PREFIX)) continue;
      const facts = await this.#files.inspect(join(folder, name));
      if (facts?.type !== 'file' || Date.now() - facts.modifiedAtMs < this.#leftoverAgeMs) continue;
      await this.#files.remove(join(folder, name));
    }
  }
}

function toStat(key: string, facts: PathFacts): ArtifactStat {
  return { key, size_bytes: facts.sizeBytes, modified_at: new Date(facts.modifiedAtMs).toISOString() };
}

/** Artifacts as files below `root`, which is made when the first one is written. */
export function createFileArtifactStore(root: string, options: FileArtifactStoreOptions = {}): ArtifactStore {
  return new FileArtifactStore(root, options);
}
