import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeWhole } from '../../../../examples/repository-audit/agent/work-files.js';
import { makeFolder, removeFolders } from '../../../../examples/repository-audit/audit/make-folder.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'audit-folder-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

it('makes what is missing, several at once too, and takes away what it has made', async () => {
  const path = join(root, 'a/b/c');
  const made = await Promise.all([makeFolder(path), makeFolder(path)]);
  expect(existsSync(path)).toBe(true);
  expect(made.flat().sort()).toEqual([join(root, 'a'), join(root, 'a/b'), path]);
  await removeFolders([join(root, 'a'), join(root, 'a/b'), path]);
  expect(existsSync(join(root, 'a'))).toBe(false);
  expect(await makeFolder(root)).toEqual([]);
});

it('fails below a file', async () => {
  writeFileSync(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file/a'))).rejects.toThrow('ENOTDIR');
});

// Where Node.js 20 makes folders with `recursive`, it never comes back from here.
const PROC = { skip: process.platform !== 'linux', timeout: 10_000 };

it('comes back from where nothing can be made, and so does who writes there', PROC, async () => {
  await expect(makeFolder('/proc/chatflow/reports')).rejects.toThrow('ENOENT');
  await expect(writeWhole('/proc/chatflow/reports/r.md', 'x')).rejects.toThrow('ENOENT');
});
