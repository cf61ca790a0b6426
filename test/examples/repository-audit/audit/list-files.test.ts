import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createManifest } from '../../../../examples/repository-audit/audit/list-files.js';

const folders: string[] = [];

async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'audit-tree-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

const FILES = {
  'src/a.ts': 'a',
  'test/a.test.ts': 'b',
  'README.md': 'c',
  'node_modules/x/index.js': 'd',
  'dist/a.js': 'e',
  'package-lock.json': '{}',
};

it('walks a tree without git, past dependencies, builds and lock files', async () => {
  const root = await tree(FILES);
  await symlink(join(root, 'src'), join(root, 'link'));
  const { files } = await createManifest(root);
  expect(files.map(({ path, kind, language }) => ({ path, kind, language }))).toEqual([
    { path: 'README.md', kind: 'other', language: 'other' },
    { path: 'src/a.ts', kind: 'source', language: 'typescript' },
    { path: 'test/a.test.ts', kind: 'test', language: 'typescript' },
  ]);
});

it('lists what git tracks or would track, and not what is ignored or gone', async () => {
  const root = await tree({
    ...FILES,
    '.gitignore': 'secret.ts\n',
    'src/secret.ts': 'x',
    'src/gone.ts': 'y',
  });
  execFileSync('git', ['init', '-q'], { cwd: root });
  execFileSync('git', ['add', 'src/gone.ts'], { cwd: root });
  await rm(join(root, 'src/gone.ts'));
  const { files } = await createManifest(root);
  expect(files.map((file) => file.path)).toEqual(['.gitignore', 'README.md', 'src/a.ts', 'test/a.test.ts']);
});

it('cuts many folders into eight areas, the largest under their own names, the rest the tree’s own', async () => {
  const names = Array.from({ length: 12 }, (_, index) => [
    `src/part${String(index)}/a.ts`,
    'x'.repeat(100 - index),
  ]);
  const { files, areas } = await createManifest(
    await tree(Object.fromEntries(names) as Record<string, string>),
  );
  expect(areas).toHaveLength(8);
  expect(areas).toContain('src/part0');
  expect(files.filter((file) => file.area === '.')).toHaveLength(5);
});

it('finds nothing in an empty tree', async () => {
  expect(await createManifest(await tree({}))).toMatchObject({ files: [], areas: [] });
});
