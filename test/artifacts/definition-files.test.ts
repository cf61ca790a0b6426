import { mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDefinitionFolders } from '../../src/artifacts/index.js';
import { temporaryFolder } from './temporary-folder.js';

it('lists and reads the definition files of its folders, and nothing else', async () => {
  const [one, two] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(one, 'b.yaml'), 'b');
  await writeFile(join(one, 'a@v1.0.yml'), 'a');
  await writeFile(join(one, 'README.md'), 'no');
  await writeFile(join(one, '.hidden.yaml'), 'no');
  await mkdir(join(one, 'folder.yaml'));
  await writeFile(join(two, 'b.json'), '{}');
  const folders = createDefinitionFolders([one, join(one, 'missing'), two]);
  const files = await folders.list();
  expect(files.map((file) => file.name)).toEqual(['a@v1.0.yml', 'b.yaml', 'folder.yaml', 'b.json']);
  expect(await Promise.all(files.map((file) => folders.read(file)))).toEqual(['a', 'b', null, '{}']);
});

it('reads no file outside its folders, by a link or by a path', async () => {
  const [inside, outside] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(outside, 'secret.yaml'), 'secret');
  await symlink(join(outside, 'secret.yaml'), join(inside, 'link.yaml'));
  const folders = createDefinitionFolders([inside]);
  const [link] = await folders.list();
  if (link === undefined) throw new Error('the link is not listed');
  expect(await folders.read(link)).toBeNull();
  expect(await folders.read({ name: '../x.yaml', path: join(outside, 'secret.yaml') })).toBeNull();
  expect(await folders.read({ name: 'secret.yaml', path: join(outside, 'secret.yaml') })).toBeNull();
});

it('reads no more of a huge file than shows that it is too big', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'big.yaml'), 'x'.repeat(1024 * 1024));
  const folders = createDefinitionFolders([folder]);
  const [file] = await folders.list();
  if (file === undefined) throw new Error('the file is not listed');
  expect(await folders.read(file)).toHaveLength(256 * 1024 + 1);
});

it('reads what a file holds now, also where it was read before', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'flow.yaml');
  await writeFile(path, 'one');
  const folders = createDefinitionFolders([folder]);
  const read = () => folders.read({ name: 'flow.yaml', path });
  expect(await read()).toBe('one');
  await writeFile(path, 'two');
  expect(await read()).toBe('two');
  // From here on the file counts as settled, and is remembered.
  await expect
    .poll(async () => Date.now() - (await stat(path)).ctimeMs, { timeout: 5000 })
    .toBeGreaterThan(2100);
  expect(await read()).toBe('two');
  expect(await read()).toBe('two');
  await writeFile(path, 'six');
  expect(await read()).toBe('six');
  await rm(path);
  expect(await read()).toBeNull();
});
