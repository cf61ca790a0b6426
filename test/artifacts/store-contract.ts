import { describe, expect, it } from 'vitest';
import { MAX_ARTIFACT_BYTES, type ArtifactStore } from '../../src/artifacts/index.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Keys that no driver may take: every way out of a folder that is known, and what only some stores could hold. */
export const BAD_KEYS: readonly string[] = [
  '',
  '/',
  '.',
  '..',
  '../x',
  'a/../../x',
  'a/..',
  'a/./b',
  '/etc/passwd',
  '//server/share',
  'a//b',
  'a/',
  '..%2fx',
  '%2e%2e/x',
  'a%2Fb',
  'a\0b',
  'a\\b',
  '..\\x',
  'C:\\x',
  'C:/x',
  'c:x',
  '\u2024\u2024/x',
  '\uff0e\uff0e/x',
  'a\u2215b',
  'a\uff0fb',
  'a\nb',
  'a b',
  '-x',
  '.hidden',
  '.tmp-x',
  'a/.hidden',
  'a.',
  'é',
  'a'.repeat(241),
  `${'a/'.repeat(511)}aa`,
  'a/'.repeat(2000),
];

/** What every store behind the port does alike. `open` makes a store with nothing in it. */
export function describeStoreContract(name: string, open: () => Promise<ArtifactStore>): void {
  describe(`the store contract of ${name}`, () => {
    describeContents(open);
    describeListings(open);
    describeKeys(open);
  });
}

function describeContents(open: () => Promise<ArtifactStore>): void {
  it('returns the bytes that were put, whatever they are', async () => {
    const store = await open();
    const content = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
    expect(await store.put('a/b/c.bin', content)).toBe('written');
    expect(Buffer.from(await store.get('a/b/c.bin')).equals(Buffer.from(content))).toBe(true);
  });

  it('keeps an empty content apart from none', async () => {
    const store = await open();
    await store.put('empty', new Uint8Array());
    expect((await store.get('empty')).byteLength).toBe(0);
    expect(await store.stat('empty')).toMatchObject({ key: 'empty', size_bytes: 0 });
  });

  it('writes once and says so when the key is taken', async () => {
    const store = await open();
    expect(await store.put('key', bytes('first'))).toBe('written');
    expect(await store.put('key', bytes('second'))).toBe('exists');
    expect(Buffer.from(await store.get('key')).toString()).toBe('first');
  });

  it('replaces when told to', async () => {
    const store = await open();
    await store.put('key', bytes('a longer first content'));
    expect(await store.put('key', bytes('second'), { overwrite: true })).toBe('written');
    expect(Buffer.from(await store.get('key')).toString()).toBe('second');
    expect(await store.put('fresh', bytes('new'), { overwrite: true })).toBe('written');
  });

  it('lets exactly one of twenty writers create a key', async () => {
    const store = await open();
    const writers = Array.from({ length: 20 }, (_, index) =>
      store.put('race/key', bytes(`content ${index}`)),
    );
    const outcomes = await Promise.all(writers);
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    const winner = outcomes.indexOf('written');
    expect(Buffer.from(await store.get('race/key')).toString()).toBe(`content ${winner}`);
  });

  it('shows one whole content while many replace it', async () => {
    const store = await open();
    const contents = Array.from({ length: 8 }, (_, index) => String(index).repeat(20_000 + index));
    await store.put('key', bytes(contents[0] ?? ''));
    const writers = contents.map((content) => store.put('key', bytes(content), { overwrite: true }));
    const readers = Array.from({ length: 30 }, () => store.get('key'));
    await Promise.all(writers);
    for (const read of await Promise.all(readers)) expect(contents).toContain(Buffer.from(read).toString());
  });

  it('refuses a content above 64 MiB and takes one of exactly that', async () => {
    const store = await open();
    const content = new Uint8Array(MAX_ARTIFACT_BYTES + 1);
    await expect(store.put('big', content)).rejects.toMatchObject({ type: 'PayloadTooLargeError' });
    expect(await store.stat('big')).toBeNull();
    expect(await store.put('big', content.subarray(1))).toBe('written');
    expect((await store.stat('big'))?.size_bytes).toBe(MAX_ARTIFACT_BYTES);
  });

  it('answers for a key that is free', async () => {
    const store = await open();
    await expect(store.get('no/such/key')).rejects.toMatchObject({ type: 'ArtifactNotFoundError' });
    expect(await store.stat('no/such/key')).toBeNull();
    await store.delete('no/such/key');
    expect(await store.list('no/such/')).toEqual([]);
  });

  it('frees a key on delete', async () => {
    const store = await open();
    await store.put('a/key', bytes('x'));
    await store.put('a/other', bytes('y'));
    await store.delete('a/key');
    await expect(store.get('a/key')).rejects.toMatchObject({ type: 'ArtifactNotFoundError' });
    expect((await store.list('')).map((stat) => stat.key)).toEqual(['a/other']);
    expect(await store.put('a/key', bytes('z'))).toBe('written');
  });

  it('does not share memory with its callers', async () => {
    const store = await open();
    const mine = Uint8Array.from([1, 2, 3]);
    await store.put('key', mine);
    mine[0] = 9;
    const read = await store.get('key');
    read[1] = 9;
    expect([...(await store.get('key'))]).toEqual([1, 2, 3]);
  });
}

function describeListings(open: () => Promise<ArtifactStore>): void {
  it('lists keys by any prefix, in order, with their sizes', async () => {
    const store = await open();
    for (const key of ['t/b/2', 't/a/1', 't/a/10', 't/ab', 'u/a', 't-x']) await store.put(key, bytes(key));
    const keys = async (prefix: string): Promise<readonly string[]> =>
      (await store.list(prefix)).map((stat) => stat.key);
    expect(await keys('')).toEqual(['t-x', 't/a/1', 't/a/10', 't/ab', 't/b/2', 'u/a']);
    expect(await keys('t/')).toEqual(['t/a/1', 't/a/10', 't/ab', 't/b/2']);
    expect(await keys('t/a')).toEqual(['t/a/1', 't/a/10', 't/ab']);
    expect(await keys('t/a/1')).toEqual(['t/a/1', 't/a/10']);
    expect(await keys('x')).toEqual([]);
    expect(await keys('t/a/1/')).toEqual([]);
    expect((await store.list('u/'))[0]).toMatchObject({ key: 'u/a', size_bytes: 3 });
  });

  it('gives the time of the last change as an ISO-8601 string', async () => {
    const store = await open();
    await store.put('key', bytes('x'));
    const stat = await store.stat('key');
    expect(stat?.modified_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(stat?.modified_at ?? '') - Date.now())).toBeLessThan(60_000);
    expect(await store.list('key')).toEqual([stat]);
  });
}

function describeKeys(open: () => Promise<ArtifactStore>): void {
  it.each(BAD_KEYS.map((key) => [key.slice(0, 40), key]))(
    'refuses the key %j in every method',
    async (_, key) => {
      const store = await open();
      const refusal = { type: 'InvalidInputError' };
      await expect(store.put(key, bytes('x'))).rejects.toMatchObject(refusal);
      await expect(store.put(key, bytes('x'), { overwrite: true })).rejects.toMatchObject(refusal);
      await expect(store.get(key)).rejects.toMatchObject(refusal);
      await expect(store.stat(key)).rejects.toMatchObject(refusal);
      await expect(store.delete(key)).rejects.toMatchObject(refusal);
      expect(await store.list('')).toEqual([]);
    },
  );

  it.each(['../', '/', 'a/../', '..%2f', 'a\\', '\0', '.', 'a//'])(
    'refuses the prefix %j',
    async (prefix) => {
      const store = await open();
      await expect(store.list(prefix)).rejects.toMatchObject({ type: 'InvalidInputError' });
    },
  );

  it('takes a key of 1,023 characters', async () => {
    const store = await open();
    const key = Array.from({ length: 8 }, () => 'k'.repeat(127)).join('/');
    expect(key).toHaveLength(1023);
    await store.put(key, bytes('x'));
    expect(Buffer.from(await store.get(key)).toString()).toBe('x');
  });
}
