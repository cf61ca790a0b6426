import { mkdir, mkdtemp, readFile, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  artifactPath,
  createFileArtifactStore,
  encodeKeySegment,
  type ArtifactStore,
} from '../../src/artifacts/index.js';
import { nodeFileOperations, type FileOperations } from '../../src/artifacts/file-operations.js';
import { BAD_KEYS, describeStoreContract } from './store-contract.js';
import { temporaryFolder } from './temporary-folder.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const text = async (store: ArtifactStore, key: string): Promise<string> =>
  Buffer.from(await store.get(key)).toString();

describeStoreContract('the file driver', async () =>
  createFileArtifactStore(join(await temporaryFolder(), 'not', 'there', 'yet')),
);

describe('the paths of keys', () => {
  const root = '/srv/artifacts';

  it('lie below the root for every key that is let in', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      '%2f',
      '\0',
      'a',
      'C:',
      '\u2024',
      '\uff0e',
      '~',
      '-',
      '',
    );
    const wild = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    const tame = fc
      .array(fc.stringMatching(/^[A-Za-z0-9_~][A-Za-z0-9_.~-]{0,20}$/), { minLength: 1, maxLength: 6 })
      .map((segments) => segments.join('/'));
    fc.assert(
      fc.property(fc.oneof(wild, tame), (key) => {
        let path: string;
        try {
          path = artifactPath(root, key);
        } catch (error) {
          expect(error).toMatchObject({ type: 'InvalidInputError' });
          return;
        }
        expect(path.startsWith(root + sep)).toBe(true);
        expect(path).toBe(`${root}/${key}`);
        expect(resolve(root, key)).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });

  it('are refused for every bad key of the contract', () => {
    for (const key of BAD_KEYS) expect(() => artifactPath(root, key)).toThrow(/artifact key/i);
  });

  it('are found for names of any kind, each its own', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(name, name, (left, right) => {
        const path = artifactPath(root, encodeKeySegment(left));
        expect(path.startsWith(root + sep)).toBe(true);
        expect(path.slice(root.length + 1)).not.toContain(sep);
        // Lone surrogates have no UTF-8 form of their own.
        const same = Buffer.from(left).equals(Buffer.from(right));
        expect(encodeKeySegment(left) === encodeKeySegment(right)).toBe(same);
      }),
      { numRuns: 2000 },
    );
    const long = 'x'.repeat(1000);
    expect(encodeKeySegment(`${long}a`)).not.toBe(encodeKeySegment(`${long}b`));
    expect(encodeKeySegment('wfi_0123456789ab')).toBe('wfi_0123456789ab');
  });
});

describe('symbolic links below the root', () => {
  it('are never followed, to a folder or to a file, in or out', async () => {
    const outside = await temporaryFolder();
    const root = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(root, 'out'));
    await symlink(join(outside, 'secret'), join(root, 'file'));
    await symlink(join(outside, 'new'), join(root, 'dangling'));
    const store = createFileArtifactStore(root);
    for (const key of ['out/secret', 'out/new', 'out/deep/er', 'file', 'dangling']) {
      await expect(store.get(key)).rejects.toMatchObject({ type: 'InvalidInputError' });
      await expect(store.stat(key)).rejects.toMatchObject({ type: 'InvalidInputError' });
      await expect(store.put(key, bytes('x'))).rejects.toMatchObject({ type: 'InvalidInputError' });
      await expect(store.put(key, bytes('x'), { overwrite: true })).rejects.toMatchObject({
        type: 'InvalidInputError',
      });
      await expect(store.delete(key)).rejects.toMatchObject({ type: 'InvalidInputError' });
    }
    expect(await store.list('')).toEqual([]);
    expect(await store.list('out/')).toEqual([]);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('do not matter above the root: the root itself may be one', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'root'));
    const store = createFileArtifactStore(join(folder, 'root'));
    await store.put('a/b', bytes('x'));
    expect(await readFile(join(folder, 'real', 'a', 'b'), 'utf8')).toBe('x');
  });
});

/** The real operations until the n-th call; that one and all later ones fail, as if the process had died there. */
function crashingAt(call: number): { readonly files: FileOperations; readonly calls: () => number } {
  let calls = 0;
  const step = async <T>(run: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> => {
    calls += 1;
    if (calls === call && half !== undefined) await half();
    if (calls >= call) throw new Error('crashed');
    return run();
  };
  const real = nodeFileOperations;
  const files: FileOperations = {
    inspect: (path) => step(() => real.inspect(path)),
    makeFolder: (path) => step(() => real.makeFolder(path)),
    write: (path, content) =>
      step(
        () => real.write(path, content),
        () => real.write(path, content.subarray(0, content.byteLength / 2)),
      ),
    sync: (path) => step(() => real.sync(path)),
    link: (from, to) => step(() => real.link(from, to)),
    rename: (from, to) => step(() => real.rename(from, to)),
    remove: (path) => step(() => real.remove(path)),
    read: (path) => step(() => real.read(path)),
    names: (path) => step(() => real.names(path)),
  };
  return { files, calls: () => calls };
}

describe('a crash of the process', () => {
  it.each([
    ['the first write', false, null],
    ['a write once to a key that is taken', false, 'old content'],
    ['a replacement', true, 'old content'],
  ] as const)('at any call of %s leaves the old content or the new one', async (_, overwrite, old) => {
    let call = 1;
    for (; ; call += 1) {
      const root = await mkdtemp(join(await temporaryFolder(), 'crash-'));
      const key = 'a/b/key.json';
      if (old !== null) await createFileArtifactStore(root).put(key, bytes(old));
      const { files, calls } = crashingAt(call);
      const dying = createFileArtifactStore(root, { files });
      const outcome = await dying.put(key, bytes('new content'), { overwrite }).catch(() => 'crashed');
      const after = createFileArtifactStore(root, { leftoverAgeMs: 0 });
      const stat = await after.stat(key);
      const found = stat === null ? null : await text(after, key);
      const allowed = old !== null && !overwrite ? [old] : [old, 'new content'];
      expect(allowed).toContain(found);
      if (outcome !== 'crashed') expect(found).toBe(allowed.at(-1));
      expect((await after.list('')).map((entry) => entry.key)).toEqual(found === null ? [] : [key]);
      await after.put('a/b/next', bytes('next'));
      const names = await readdir(join(root, 'a', 'b'));
      expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
      if (calls() < call) break;
    }
    expect(call).toBeGreaterThan(8);
  });

  it('leaves temporary files that are passed over, and removed once they are old', async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, 'a'));
    await writeFile(join(root, 'a', '.tmp-old'), 'half');
    await writeFile(join(root, 'a', '.tmp-young'), 'half');
    await utimes(join(root, 'a', '.tmp-old'), new Date(0), new Date(Date.now() - 2 * 3_600_000));
    const store = createFileArtifactStore(root);
    expect(await store.list('')).toEqual([]);
    await store.put('a/key', bytes('x'));
    expect((await readdir(join(root, 'a'))).sort()).toEqual(['.tmp-young', 'key']);
  });

  it('loses nothing that was reported as written: file and folders are synced in that order', async () => {
    const log: string[] = [];
    const root = await temporaryFolder();
    const place = (path: string): string => path.slice(root.length).replace(/\.tmp-.*/, '<temporary>') || '/';
    const files: FileOperations = {
      ...nodeFileOperations,
      makeFolder: (path) => (log.push(`make ${place(path)}`), nodeFileOperations.makeFolder(path)),
      write: (path, content) => (log.push(`write ${place(path)}`), nodeFileOperations.write(path, content)),
      sync: (path) => (log.push(`sync ${place(path)}`), nodeFileOperations.sync(path)),
      rename: (from, to) => (log.push(`rename ${place(to)}`), nodeFileOperations.rename(from, to)),
    };
    await createFileArtifactStore(root, { files }).put('a/b/c', bytes('x'), { overwrite: true });
    expect(log).toEqual([
      'make /a',
      'sync /',
      'make /a/b',
      'sync /a',
      'write /a/b/<temporary>',
      'sync /a/b/<temporary>',
      'rename /a/b/c',
      'sync /a/b',
    ]);
  });

  it('is survived by stores of several processes on one folder', async () => {
    const root = await temporaryFolder();
    const stores = Array.from({ length: 10 }, () => createFileArtifactStore(root));
    const outcomes = await Promise.all(
      stores.map((store, index) => store.put('a/b/key', bytes(`writer ${index}`))),
    );
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    await Promise.all(
      stores.map((store, index) => store.put(`a/b/own-${index}`, bytes('x'), { overwrite: true })),
    );
    expect(await stores[0]?.list('a/')).toHaveLength(11);
  });

  it('tells where a person finds a content', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await store.put('a/b.md', bytes('x'));
    expect(await readFile(store.locate('a/b.md'), 'utf8')).toBe('x');
  });
});
