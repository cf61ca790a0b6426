import { lstat, mkdir, readFile, readdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileArtifactStore, type ArtifactStore, type PutOptions } from '../../src/artifacts/index.js';
import { temporaryFolder } from './temporary-folder.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const text = async (store: ArtifactStore, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

const LINKED_KEY = 'a/b/c/key';
const LINKED_FOLDERS = ['a', 'a/b', 'a/b/c'] as const;
const WAYS_TO_PUT: readonly PutOptions[] = [{}, { overwrite: true }, { durable: false }];

/** Every name below a folder, links not followed. */
const below = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).sort();

async function expectRefused(
  store: ArtifactStore,
  keys: readonly string[],
  ways = WAYS_TO_PUT,
): Promise<void> {
  for (const key of keys) {
    for (const options of ways) {
      const put = store.put(key, bytes('x'), options);
      await expect(put, `${key} ${JSON.stringify(options)}`).rejects.toMatchObject({
        type: 'InvalidInputError',
      });
    }
  }
}

/** What a store has written through before the link appears: it may remember each folder, some, or none. */
const HISTORIES = {
  nothing: (): string | null => null,
  'the same key': (): string | null => LINKED_KEY,
  'a key beside it': (level: string): string | null => `${level}-neighbour`,
};

type History = keyof typeof HISTORIES;

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** A store, at `level` of which `link` puts something after the store has written what `history` says. */
async function linkedStore(
  level: string,
  history: History,
  link: (path: string) => Promise<void>,
): Promise<{ readonly root: string; readonly store: ArtifactStore }> {
  const root = await temporaryFolder();
  const store = createFileArtifactStore(root);
  const path = join(root, level);
  const written = HISTORIES[history](level);
  if (written !== null) await store.put(written, bytes('first'));
  if (await exists(path)) await rename(path, join(await temporaryFolder(), 'away'));
  await mkdir(dirname(path), { recursive: true });
  await link(path);
  return { root, store };
}

describe.each(Object.keys(HISTORIES) as History[])(
  'a symbolic link that appears after a write of %s',
  (history) => {
    const keys = [LINKED_KEY, 'a/b/c/new', 'a/b/c/deep/er/new'];

    it.each(LINKED_FOLDERS)('at %s is refused, and nothing appears behind it', async (level) => {
      const outside = await temporaryFolder();
      await mkdir(join(outside, 'b/c/c'), { recursive: true });
      await mkdir(join(outside, 'c'));
      const before = await below(outside);
      const { store } = await linkedStore(level, history, (path) => symlink(outside, path));
      await expectRefused(store, keys);
      expect(await below(outside)).toEqual(before);
    });

    it.each(LINKED_FOLDERS)('at %s is refused where little or nothing is behind it', async (level) => {
      const outside = await temporaryFolder();
      for (const goal of [outside, join(outside, 'missing'), join(outside, 'missing', 'too')]) {
        const { store } = await linkedStore(level, history, (path) => symlink(goal, path));
        await expectRefused(store, keys);
        expect(await below(outside)).toEqual([]);
      }
    });

    it.each(LINKED_FOLDERS)('at %s is refused where it leads to itself or into the store', async (level) => {
      for (const goal of [(path: string) => path, (path: string) => join(path, '..', 'other')]) {
        const { store, root } = await linkedStore(level, history, async (path) => {
          await mkdir(join(path, '..', 'other'));
          await symlink(goal(path), path);
        });
        const before = await below(root);
        await expectRefused(store, keys);
        expect(await below(root)).toEqual(before);
      }
    });

    it('in place of the file is refused, whatever is behind it', async () => {
      const outside = await temporaryFolder();
      await writeFile(join(outside, 'file'), 'secret');
      for (const name of ['file', 'missing', '.']) {
        const { store, root } = await linkedStore(LINKED_KEY, history, (path) =>
          symlink(join(outside, name), path),
        );
        await expectRefused(store, [LINKED_KEY]);
        expect(await below(outside)).toEqual(['file']);
        expect(await readFile(join(outside, 'file'), 'utf8')).toBe('secret');
        expect((await readdir(join(root, 'a/b/c')))[0]).toBe('key');
        expect((await below(root)).filter((found) => found.includes('.tmp-'))).toEqual([]);
      }
    });

    it('below a root that is a link itself is refused as well', async () => {
      const outside = await temporaryFolder();
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'real'));
      await symlink(join(folder, 'real'), join(folder, 'root'));
      const store = createFileArtifactStore(join(folder, 'root'));
      await store.put('b/key', bytes('x'));
      if (history === 'the same key') await store.put('a/key', bytes('x'));
      await rm(join(folder, 'real', 'a'), { recursive: true, force: true });
      await symlink(outside, join(folder, 'real', 'a'));
      await expectRefused(store, ['a/key', 'a/b/key']);
      expect(await below(outside)).toEqual([]);
    });
  },
);

describe('what lies in the way of a folder or a file', () => {
  it('is refused and left as it was', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await store.put('file', bytes('content'));
    await mkdir(join(root, 'folder'));
    for (const key of ['file/key', 'file/deep/key', 'file/deep/er/key', 'folder']) {
      for (const options of WAYS_TO_PUT) await expectRefused(createFileArtifactStore(root), [key], [options]);
      await expectRefused(store, [key]);
    }
    expect(await below(root)).toEqual(['file', 'folder']);
    expect(await text(store, 'file')).toBe('content');
  });
});

describe('the root', () => {
  it('that is no folder, or can be none, fails like a full disk: the key is not to blame', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    const roots = [join(folder, 'file'), join(folder, 'file', 'deep')];
    if (process.platform === 'linux') roots.push('/proc/nope/deep/er');
    for (const root of roots) {
      const put = createFileArtifactStore(root).put('a/b', bytes('x'));
      await expect(put).rejects.toSatisfy((error: object) => error instanceof Error && !('type' in error));
    }
  });

  it('is made again after it was deleted, as is any folder below it', async () => {
    const root = join(await temporaryFolder(), 'root');
    const store = createFileArtifactStore(root);
    for (const gone of ['.', 'a', 'a/b', '.']) {
      await store.put('a/b/key', bytes('x'));
      await store.put('top', bytes('x'));
      await rm(join(root, gone), { recursive: true });
      for (const options of WAYS_TO_PUT) await store.put('a/b/key', bytes('again'), options);
      expect(await text(store, 'a/b/key')).toBe('again');
      await rm(root, { recursive: true });
    }
  });

  it('that is a link is followed to where it leads at the time', async () => {
    const folder = await temporaryFolder();
    const store = createFileArtifactStore(join(folder, 'root'));
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, name));
      await rm(join(folder, 'root'), { force: true });
      await symlink(join(folder, name), join(folder, 'root'));
      await store.put('a/b', bytes(name));
      expect(await readFile(join(folder, name, 'a', 'b'), 'utf8')).toBe(name);
    }
    await unlink(join(folder, 'root'));
    await mkdir(join(folder, 'root'));
    expect(await store.put('a/b', bytes('own'))).toBe('written');
  });
});
