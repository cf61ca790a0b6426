import { join, resolve } from 'node:path';
import type { AuditFile, Manifest } from './audit-file.js';
import { createManifest } from './list-files.js';

/**
 * The inventory of a tree, and of folders besides it: each of those is an area under its absolute path, as are its
 * files. One that can't be listed has no files here: whoever audits it says why.
 * @throws what reading the tree's own folder threw
 */
export async function surveyTree(path: string, extraFolders: readonly string[]): Promise<Manifest> {
  const manifest = await createManifest(path);
  const known = new Set(manifest.files.map((file) => resolve(path, file.path)));
  const extra = await Promise.all(extraFolders.map(listExtra));
  const files = extra.flat().filter((file) => !known.has(file.path));
  return {
    ...manifest,
    files: [...manifest.files, ...files],
    areas: [...manifest.areas, ...extraFolders],
  };
}

async function listExtra(folder: string): Promise<readonly AuditFile[]> {
  const manifest = await createManifest(folder).catch(() => null);
  return (manifest?.files ?? []).map((file) => ({
    ...file,
    path: join(folder, file.path),
    area: file.area === null ? null : folder,
  }));
}
