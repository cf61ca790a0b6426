import type { AuditFile } from './audit-file.js';
import { isWithin } from './is-within.js';

/** The files of a folder: those to read there, and those of subfolders that are read apart. No file is in both. */
export interface FolderCut {
  readonly own: readonly AuditFile[];
  /** The largest first. */
  readonly subfolders: readonly Subfolder[];
}

export interface Subfolder {
  readonly folder: string;
  readonly files: readonly AuditFile[];
}

/** Which subfolders are worth reading apart: at most `most`, each of at least `minFiles` files. */
export interface CutLimits {
  readonly most: number;
  readonly minFiles: number;
}

/** Cuts off the subfolders that hold most files; the same files give the same cut. `files` all lie within `folder`. */
export function cutFolder(
  folder: string,
  files: readonly AuditFile[],
  { most, minFiles }: CutLimits,
): FolderCut {
  const subfolders = groupBySubfolder(folder, files)
    .filter((one) => one.files.length >= minFiles)
    .sort((a, b) => b.files.length - a.files.length || (a.folder < b.folder ? -1 : 1))
    .slice(0, most);
  const apart = (path: string): boolean => subfolders.some((one) => isWithin(one.folder, path));
  return { own: files.filter((file) => !apart(file.path)), subfolders };
}

function groupBySubfolder(folder: string, files: readonly AuditFile[]): readonly Subfolder[] {
  const groups = new Map<string, AuditFile[]>();
  for (const file of files) {
    const name = subfolderOf(folder, file.path);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  return [...groups].map(([name, held]) => ({ folder: name, files: held }));
}

/** The subfolder, one level down, that a file lies in; null for the folder's own files. */
function subfolderOf(folder: string, path: string): string | null {
  const prefix = folder === '.' ? '' : `${folder}/`;
  const end = path.indexOf('/', prefix.length);
  return end < 0 ? null : path.slice(0, end);
}
