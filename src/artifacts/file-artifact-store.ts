/**
 * Artifacts as files below one folder, a key's path being its file's.
 *
 * F1 A content is written to a temporary file in its own folder, synced, and then renamed over the target (overwrite)
 *    or linked to it (write once); then the folder is synced. So a crash at any point leaves the old content or the new.
 * F2 Temporary names begin with a dot, which no key can: listings pass over what a crash left, and the first write of
 *    a process to a folder removes what is older than an hour.
 * F3 Below the root nothing that is a symbolic link is followed.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
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

class FileArtifactStore implements ArtifactStore {
  readonly #root: string;
  readonly #files: FileOperations;
  readonly #leftoverAgeMs: number;
  readonly #swept = new Set<string>();

  constructor(root: string, options: FileArtifactStoreOptions) {
    this.#root = resolve(root);
    this.#files = options.files ?? nodeFileOperations;
    this.#leftoverAgeMs = options.leftoverAgeMs ?? HOUR_MS;
  }

  async put(key: string, content: Uint8Array, options: PutOptions = {}): Promise<PutOutcome> {
    const path = artifactPath(this.#root, key);
    checkArtifactSize(key, content.byteLength);
    const folder = dirname(path);
    await this.#makeFolders(key);
    const target = await this.#files.inspect(path);
    if (target !== null && target.type !== 'file') refuseLink(key);
    await this.#sweep(folder);
    const overwrite = options.overwrite === true;
    const outcome = target !== null && !overwrite ? 'exists' : await this.#place(path, content, overwrite);
    await this.#files.sync(folder);
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

  async #place(path: string, content: Uint8Array, overwrite: boolean): Promise<PutOutcome> {
    const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${randomUUID()}`);
    try {
      await this.#files.write(temporary, content);
      await this.#files.sync(temporary);
      if (!overwrite) return (await this.#files.link(temporary, path)) ? 'written' : 'exists';
      await this.#files.rename(temporary, path);
      return 'written';
    } finally {
      await this.#files.remove(temporary);
    }
  }

  /** Makes every folder above a key, and puts each new name on the disk before anything is written below it. */
  async #makeFolders(key: string): Promise<void> {
    if ((await this.#files.inspect(this.#root)) === null) await mkdir(this.#root, { recursive: true });
    let folder = this.#root;
    for (const segment of key.split('/').slice(0, -1)) {
      const parent = folder;
      folder = join(folder, segment);
      if (await this.#files.makeFolder(folder)) await this.#files.sync(parent);
      if ((await this.#files.inspect(folder))?.type !== 'folder') refuseLink(key);
    }
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
    if (this.#swept.has(folder)) return;
    this.#swept.add(folder);
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
