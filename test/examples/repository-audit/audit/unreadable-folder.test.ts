import type * as FileSystem from 'node:fs/promises';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createManifest } from '../../../../examples/repository-audit/audit/list-files.js';
import { readFiles } from '../../../../examples/repository-audit/audit/read-files.js';

// The superuser may read every folder, so the refusal is made here.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  const readdir = (path: string, ...rest: unknown[]): unknown => {
    if (!path.endsWith('locked')) return (real.readdir as (...args: unknown[]) => unknown)(path, ...rest);
    return Promise.reject(Object.assign(new Error(`EACCES: ${path}`), { code: 'EACCES' }));
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

it('goes on past a folder that can’t be read, and counts it as unreadable', async () => {
  const { files } = await createManifest(root);
  expect(files.map((file) => file.path)).toEqual(['src/a.ts', 'src/locked/']);
  const { texts, unreadable } = await readFiles(root, files);
  expect(texts.map((file) => file.path)).toEqual(['src/a.ts']);
  expect(unreadable).toEqual(['src/locked/']);
});

it('fails where the tree itself can’t be read', async () => {
  await expect(createManifest(join(root, 'src/locked'))).rejects.toThrow('EACCES');
});
