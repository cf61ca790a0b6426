import { mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  artifactPath,
  createFileArtifactStore,
  encodeKeySegment,
  writeSnapshot,
  type ArtifactStore,
  type ClosingSnapshot,
} from '../../src/artifacts/index.js';
import {
  nodeFileOperations,
  type FileOperations,
  type NewFile,
} from '../../src/artifacts/file-operations.js';
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
  const newFile = (file: NewFile): NewFile => ({
    writeFile: (content) =>
      step(
        () => file.writeFile(content),
        () => file.writeFile(content.subarray(0, content.byteLength / 2)),
      ),
    sync: () => step(() => file.sync()),
    // The operating system closes the files of a process that has died.
    close: () => file.close().then(() => step(async () => undefined)),
  });
  const files: FileOperations = {
    inspect: (path) => step(() => real.inspect(path)),
    realPath: (path) => step(() => real.realPath(path)),
    makeFolder: (path) => step(() => real.makeFolder(path)),
    makeFolders: (path) => step(() => real.makeFolders(path)),
    create: async (path) => {
      const file = await step(() => real.create(path));
      return file === null ? null : newFile(file);
    },
    sync: (path) => step(() => real.sync(path)),
    link: (from, to) => step(() => real.link(from, to)),
    rename: (from, to) => step(() => real.rename(from, to)),
    remove: (path) => step(() => real.remove(path)),
    read: (path) => step(() => real.read(path)),
    names: (path) => step(() => real.names(path)),
  };
  return { files, calls: () => calls };
}

/** The real operations, each noted with the path that it is about; closing and reading of names included. */
function logging(root: string): { readonly files: FileOperations; readonly log: string[] } {
  const log: string[] = [];
  const real = nodeFileOperations;
  const place = (path: string): string => path.slice(root.length).replace(/\.tmp-.*/, '<temporary>') || '/';
  const note = <T>(call: string, path: string, run: () => Promise<T>): Promise<T> => {
    log.push(`${call} ${place(path)}`);
    return run();
  };
  const newFile = (path: string, file: NewFile): NewFile => ({
    writeFile: (content) => note('write', path, () => file.writeFile(content)),
    sync: () => note('sync', path, () => file.sync()),
    close: () => note('close', path, () => file.close()),
  });
  const files: FileOperations = {
    inspect: (path) => note('inspect', path, () => real.inspect(path)),
    realPath: (path) => note('real path', path, () => real.realPath(path)),
    makeFolder: (path) => note('make', path, () => real.makeFolder(path)),
    makeFolders: (path) => note('make', path, () => real.makeFolders(path)),
    create: async (path) => {
      const file = await note('create', path, () => real.create(path));
      return file === null ? null : newFile(path, file);
    },
    sync: (path) => note('sync', path, () => real.sync(path)),
    link: (from, to) => note('link', to, () => real.link(from, to)),
    rename: (from, to) => note('rename', to, () => real.rename(from, to)),
    remove: (path) => note('remove', path, () => real.remove(path)),
    read: (path) => note('read', path, () => real.read(path)),
    names: (path) => note('names', path, () => real.names(path)),
  };
  return { files, log };
}

const isChange = (entry: string): boolean => /^(make|write|sync|link|rename) /.test(entry);

describe('the calls of the operating system', () => {
  it('are few for a second write into a folder', async () => {
    const root = await temporaryFolder();
    const { files, log } = logging(root);
    const store = createFileArtifactStore(root, { files });
    for (const [options, bound] of [
      [{}, 8],
      [{ durable: false }, 7],
      [{ overwrite: true }, 8],
    ] as const) {
      await store.put('a/b/c/first', bytes('x'), options);
      log.length = 0;
      await store.put(`a/b/c/second-${bound}`, bytes('x'), options);
      expect(log.length, log.join('\n')).toBeLessThanOrEqual(bound);
    }
  });

  it('are few for a closing snapshot of an instance that has no folder yet', async () => {
    const root = await temporaryFolder();
    const { files, log } = logging(root);
    const store = createFileArtifactStore(root, { files });
    for (const instance_id of ['wfi_000000000001', 'wfi_000000000002']) {
      log.length = 0;
      const snapshot = { snapshot_version: 1, run_id: 'run', state: { closed_at: 1000 } };
      await writeSnapshot(store, { tenant_id: 'default', instance_id }, snapshot as ClosingSnapshot);
    }
    expect(log.length, log.join('\n')).toBeLessThanOrEqual(9);
    expect(log.filter((entry) => entry.startsWith('sync '))).toEqual([
      'sync /default/instances/wfi_000000000002/snapshots/<temporary>',
    ]);
  });
});

describe('a crash of the process', () => {
  it.each([
    ['the first write', { overwrite: false }, null],
    ['a write once to a key that is taken', { overwrite: false }, 'old content'],
    ['a replacement', { overwrite: true }, 'old content'],
    ['the first write that need not be durable', { overwrite: false, durable: false }, null],
    ['a replacement that need not be durable', { overwrite: true, durable: false }, 'old content'],
  ] as const)('at any call of %s leaves the old content or the new one', async (_, options, old) => {
    const { overwrite } = options;
    let call = 1;
    for (; ; call += 1) {
      const root = await mkdtemp(join(await temporaryFolder(), 'crash-'));
      const key = 'a/b/key.json';
      if (old !== null) await createFileArtifactStore(root).put(key, bytes(old));
      const { files, calls } = crashingAt(call);
      const dying = createFileArtifactStore(root, { files });
      const outcome = await dying.put(key, bytes('new content'), options).catch(() => 'crashed');
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
    const root = await temporaryFolder();
    const { files, log } = logging(root);
    await createFileArtifactStore(root, { files }).put('a/b/c', bytes('x'), { overwrite: true });
    expect(log.filter(isChange)).toEqual([
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

  it('finds a content synced before it had its name, durable or not', async () => {
    for (const durable of [true, false]) {
      const root = await temporaryFolder();
      const { files, log } = logging(root);
      const store = createFileArtifactStore(root, { files });
      await store.put('once', bytes('x'), { durable });
      await store.put('replaced', bytes('x'), { durable, overwrite: true });
      const placed = (call: string): readonly string[] => [
        'write /<temporary>',
        'sync /<temporary>',
        call,
        ...(durable ? ['sync /'] : []),
      ];
      expect(log.filter(isChange)).toEqual([...placed('link /once'), ...placed('rename /replaced')]);
    }
  });

  it('loses no folder of a durable write that a write of the other kind has made', async () => {
    const root = await temporaryFolder();
    const { files, log } = logging(root);
    const store = createFileArtifactStore(root, { files });
    await store.put('a/b/passing', bytes('x'), { durable: false });
    expect(log.filter((entry) => /^sync (?!.*<temporary>)/.test(entry))).toEqual([]);
    for (const [other, folders] of [
      [store, ['sync /', 'sync /a', 'sync /a/b']],
      [store, ['sync /a/b']],
      [createFileArtifactStore(root, { files }), ['sync /', 'sync /a', 'sync /a/b']],
    ] as const) {
      log.length = 0;
      await other.put('a/b/passing', bytes('x'));
      expect(log.filter((entry) => /^sync (?!.*<temporary>)/.test(entry))).toEqual(folders);
    }
  });

  it('loses no folder that was removed and made again', async () => {
    const root = await temporaryFolder();
    const { files, log } = logging(root);
    const store = createFileArtifactStore(root, { files });
    for (const durable of [true, false]) {
      await store.put('a/b/key', bytes('x'));
      await rm(join(root, 'a'), { recursive: true });
      log.length = 0;
      await store.put('a/b/key', bytes('x'), { durable });
      await store.put('a/b/key', bytes('x'), { overwrite: true });
      for (const parent of ['sync /', 'sync /a']) expect(log).toContain(parent);
    }
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
