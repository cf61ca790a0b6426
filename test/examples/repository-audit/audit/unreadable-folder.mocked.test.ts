import type * as FileSystem from 'node:fs/promises';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createManifest } from '../../../../examples/repository-audit/audit/list-files.js';

// The superuser may read every folder, so the refusal is made here.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  const readdir = (path: Buffer, ...rest: unknown[]): unknown => {
    if (!path.toString().replace(/\/$/, '').endsWith('locked'))
      return (real.readdir as (...args: unknown[]) => unknown)(path, ...rest);
    return Promise.reject(Object.assign(new Error(`EACCES: ${path.toString()}`), { code: 'EACCES' }));
  };
  return { ...real, readdir };
});

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-locked-'));
  await mkdir(join(root, 'src/locked'), { recursive: true });
  await writeFile(join(root, 'src/a.ts'), 'a');
});

afterEach(() => rm(root, { recursive: true, force: true }));

it('goes on past a folder that can’t be read, and names it, but not as a file', async () => {
  const { files, closedFolders } = await createManifest(root);
  expect(files.map((file) => file.path)).toEqual(['src/a.ts']);
  expect(closedFolders).toEqual(['src/locked/']);
});

it('fails where the tree itself can’t be read', async () => {
  await expect(createManifest(join(root, 'src/locked'))).rejects.toThrow('EACCES');
});
