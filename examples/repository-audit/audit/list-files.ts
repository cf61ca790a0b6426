import { execFile } from 'node:child_process';
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { AuditFile, FileKind, Manifest } from './audit-file.js';
import { readFileName } from './file-name.js';
import { languageOfPath } from './languages.js';

const run = promisify(execFile);

/** Folders that others made: dependencies, products of a build, caches. */
const NOT_OURS =
  /(^|\/)(\.[^/]+|node_modules|bower_components|vendor|third_party|dist|build|out|target|coverage|__pycache__|venv|chatflow-report)\//;
const GENERATED =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|.*\.min\.(js|css)|.*\.map)$/;
const TEST =
  /(^|\/)(tests?|spec|__tests__|testing)\/|[._-](test|spec)\.[^/]+$|(^|\/)test_[^/]+$|Tests?\.(java|kt|cs|scala)$/;
/** Settings of tools, written in a programming language. */
const SETTINGS = /(^|\/)\.[^/]+$|\.config\.[^/]+$/;
const MAX_AREAS = 8;

/** What a listing of the tree has found, as bytes: a name need not be UTF-8. */
interface Listing {
  readonly files: readonly Buffer[];
  readonly closedFolders: readonly string[];
}

/**
 * Lists a tree: what git tracks or would track, or every file where there is no git. Links are not followed.
 * @throws what reading the tree's own folder threw
 */
export async function createManifest(path: string): Promise<Manifest> {
  const listing = (await listByGit(path)) ?? (await listByWalk(path));
  const described = await Promise.all(listing.files.map((name) => describeFile(path, name)));
  const files = described.filter((file) => file !== null).sort((a, b) => (a.path < b.path ? -1 : 1));
  const areaOf = cutIntoAreas(files);
  const withAreas = files.map((file) => ({ ...file, area: areaOf(file) }));
  const areas = [...new Set(withAreas.map((file) => file.area).filter((area) => area !== null))];
  const closedFolders = listing.closedFolders.filter((name) => !NOT_OURS.test(name)).sort();
  return { path, files: withAreas, closedFolders, areas };
}

/** How git says that it has left a folder out. */
const UNOPENED = /could not open directory '([^']+)'/g;

async function listByGit(path: string): Promise<Listing | null> {
  try {
    const { stdout, stderr } = await run(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        cwd: path,
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, LC_ALL: 'C' },
        encoding: 'buffer',
      },
    );
    // A file in a conflict stands in git's list several times.
    const names = new Set(stdout.toString('latin1').split('\0'));
    names.delete('');
    const closed = [...stderr.toString('utf8').matchAll(UNOPENED)];
    const closedFolders = closed.map(([, name = '']) => `${name.replace(/\/$/, '')}/`);
    if (names.size === 0) return null;
    return { files: [...names].map((name) => Buffer.from(name, 'latin1')), closedFolders };
  } catch {
    return null; // no git, or no work tree: the walk answers for both
  }
}

async function listByWalk(root: string): Promise<Listing> {
  const files: Buffer[] = [];
  const closedFolders: string[] = [];
  const open: Buffer[] = [Buffer.alloc(0)];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await readFolder(root, folder);
    if (entries === null) closedFolders.push(`${readFileName(folder).text}/`);
    for (const entry of entries ?? []) {
      const name = folder.length === 0 ? entry.name : Buffer.concat([folder, SLASH, entry.name]);
      if (entry.isDirectory() && !NOT_OURS.test(`${readFileName(name).text}/`)) open.push(name);
      else if (entry.isFile()) files.push(name);
    }
  }
  return { files, closedFolders };
}

const SLASH = Buffer.from('/');

function within(root: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(root), SLASH, name]);
}

/** The entries of a folder; null where it can't be read. */
async function readFolder(root: string, folder: Buffer): Promise<readonly Dirent<Buffer>[] | null> {
  try {
    return await readdir(within(root, folder), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (folder.length === 0) throw error;
    return null;
  }
}

/** Null for what is no file of ours: generated, a link, or gone. */
async function describeFile(root: string, bytes: Buffer): Promise<AuditFile | null> {
  const name = readFileName(bytes);
  if (NOT_OURS.test(name.text) || GENERATED.test(name.text)) return null;
  const unknown = { path: name.text, bytes: 0, kind: 'other', language: 'other', area: null } as const;
  const stats = await lstat(within(root, bytes)).catch((error: NodeJS.ErrnoException) => error);
  if (stats instanceof Error) return isRefusal(stats) ? { ...unknown, closed: 'not allowed' } : null;
  if (!stats.isFile()) return null;
  if (!name.isExact) return { ...unknown, bytes: stats.size, closed: 'its name is no UTF-8' };
  const language = languageOfPath(name.text);
  return {
    path: name.text,
    bytes: stats.size,
    kind: kindOf(name.text, language !== undefined && language.blocks !== 'none'),
    language: language?.name ?? 'other',
    area: null,
  };
}

/** Whether a file is there and may not be looked at; else it is tracked, but deleted in the work tree. */
function isRefusal({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

function kindOf(name: string, isCode: boolean): FileKind {
  if (!isCode || SETTINGS.test(name)) return 'other';
  return TEST.test(name) ? 'test' : 'source';
}

/** Areas are the folders two levels deep that hold most code; what is left over is the tree's own, `.`. */
function cutIntoAreas(files: readonly AuditFile[]): (file: AuditFile) => string | null {
  const bytes = new Map<string, number>();
  for (const file of files) {
    if (file.kind !== 'other') bytes.set(folderOf(file), (bytes.get(folderOf(file)) ?? 0) + file.bytes);
  }
  const ranked = [...bytes].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([folder]) => folder);
  const own = new Set(ranked.length > MAX_AREAS ? ranked.slice(0, MAX_AREAS - 1) : ranked);
  return (file) => {
    if (file.kind === 'other') return null;
    return own.has(folderOf(file)) ? folderOf(file) : '.';
  };
}

function folderOf(file: AuditFile): string {
  const parts = file.path.split('/').slice(0, -1).slice(0, 2);
  return parts.length === 0 ? '.' : parts.join('/');
}
