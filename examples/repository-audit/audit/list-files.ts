import { execFile } from 'node:child_process';
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type { AuditFile, FileKind, Manifest } from './audit-file.js';
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

/** What could not be looked into when the tree was listed: a folder, by a name that ends with `/`. */
const isFolderName = (name: string): boolean => name.endsWith('/');

/**
 * Lists a tree: what git tracks or would track, or every file where there is no git. Links are not followed. A folder
 * that can't be read stands for what is in it: nobody can read it as a file, so it ends up among the unreadable.
 * @throws what reading the tree's own folder threw
 */
export async function createManifest(path: string): Promise<Manifest> {
  const paths = ((await listByGit(path)) ?? (await listByWalk(path))).filter(
    (name) => !NOT_OURS.test(name) && !GENERATED.test(name),
  );
  const sized = await Promise.all(paths.sort().map((name) => describeFile(path, name)));
  const files = sized.filter((file) => file !== null);
  const areaOf = cutIntoAreas(files);
  const withAreas = files.map((file) => ({ ...file, area: areaOf(file) }));
  const areas = [...new Set(withAreas.map((file) => file.area).filter((area) => area !== null))];
  return { path, files: withAreas, areas };
}

/** How git says that it has left a folder out. */
const UNOPENED = /could not open directory '([^']+)'/g;

async function listByGit(path: string): Promise<string[] | null> {
  try {
    const options = { cwd: path, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } };
    const { stdout, stderr } = await run(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      options,
    );
    const names = stdout.split('\0').filter((name) => name !== '');
    const closed = [...stderr.matchAll(UNOPENED)].map(([, name = '']) => `${name.replace(/\/$/, '')}/`);
    return names.length === 0 ? null : [...new Set([...names, ...closed])];
  } catch {
    return null; // no git, or no work tree: the walk answers for both
  }
}

async function listByWalk(root: string): Promise<string[]> {
  const found: string[] = [];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of await readFolder(root, folder)) {
      if (typeof entry === 'string') {
        found.push(entry);
        continue;
      }
      const full = join(folder, entry.name);
      const name = relative(root, full).split(sep).join('/');
      if (entry.isDirectory() && !NOT_OURS.test(`${name}/`)) open.push(full);
      else if (entry.isFile()) found.push(name);
    }
  }
  return found;
}

/** The entries of a folder; its own name where it can't be read. */
async function readFolder(root: string, folder: string): Promise<readonly (Dirent | string)[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (folder === root) throw error;
    return [`${relative(root, folder).split(sep).join('/')}/`];
  }
}

async function describeFile(root: string, name: string): Promise<AuditFile | null> {
  const unreadable: AuditFile = { path: name, bytes: 0, kind: 'other', language: 'other', area: null };
  if (isFolderName(name)) return unreadable;
  const stats = await lstat(join(root, name)).catch((error: NodeJS.ErrnoException) =>
    error.code === 'EACCES' || error.code === 'EPERM' ? unreadable : null,
  );
  if (stats === null) return null; // tracked, but deleted in the work tree
  if ('path' in stats) return stats;
  if (!stats.isFile()) return null;
  const language = languageOfPath(name);
  return {
    path: name,
    bytes: stats.size,
    kind: kindOf(name, language !== undefined && language.blocks !== 'none'),
    language: language?.name ?? 'other',
    area: null,
  };
}

function kindOf(name: string, isCode: boolean): FileKind {
  if (!isCode || SETTINGS.test(name)) return 'other';
  return TEST.test(name) ? 'test' : 'source';
}

/** Areas are the folders two levels deep that hold most code; what is left over shares the last one. */
function cutIntoAreas(files: readonly AuditFile[]): (file: AuditFile) => string | null {
  const bytes = new Map<string, number>();
  for (const file of files) {
    if (file.kind !== 'other') bytes.set(folderOf(file), (bytes.get(folderOf(file)) ?? 0) + file.bytes);
  }
  const ranked = [...bytes].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([folder]) => folder);
  const own = new Set(ranked.length > MAX_AREAS ? ranked.slice(0, MAX_AREAS - 1) : ranked);
  return (file) => {
    if (file.kind === 'other') return null;
    return own.has(folderOf(file)) ? folderOf(file) : 'everything else';
  };
}

function folderOf(file: AuditFile): string {
  const parts = file.path.split('/').slice(0, -1).slice(0, 2);
  return parts.length === 0 ? '.' : parts.join('/');
}
