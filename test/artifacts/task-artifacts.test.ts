import { createHash } from 'node:crypto';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createFileArtifactStore,
  createMemoryArtifactStore,
  findReference,
  getTaskArtifacts,
  listArtifacts,
  readArtifact,
  saveTaskArtifacts,
  taskPlace,
  taskStem,
  type ArtifactStore,
  type TaskArtifacts,
  type TaskPlace,
} from '../../src/artifacts/index.js';
import { temporaryFolder } from './temporary-folder.js';

const place: TaskPlace = { tenant_id: 'default', instance_id: 'wfi_0123456789ab', phase: 'review' };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const folderOf = (root: string): string => join(root, 'default', 'instances', 'wfi_0123456789ab', 'tasks');

/** A store whose every call goes through `gate` first. */
function gated(store: ArtifactStore, gate: () => Promise<void>): ArtifactStore {
  return {
    put: async (...args) => (await gate(), store.put(...args)),
    get: async (key) => (await gate(), store.get(key)),
    stat: async (key) => (await gate(), store.stat(key)),
    list: async (prefix) => (await gate(), store.list(prefix)),
    delete: async (key) => (await gate(), store.delete(key)),
    locate: (key) => store.locate(key),
  };
}

/** What is known to have been saved. */
async function readSaved(store: ArtifactStore, of: TaskPlace): Promise<TaskArtifacts> {
  const found = await getTaskArtifacts(store, of);
  if (found === null) throw new Error('nothing was saved');
  return found;
}

describe("a task's artifacts", () => {
  it('lie in three files that a person can read', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    const { refs } = await saveTaskArtifacts(store, place, {
      prompt: '# Prompt\nWrite it.',
      ai_response: '# Done ✓',
      record: { model: 'm-1', status: 'completed' },
    });
    expect((await readdir(folderOf(root))).sort()).toEqual([
      'review.ai_response.md',
      'review.json',
      'review.prompt.md',
    ]);
    expect(await readFile(join(folderOf(root), 'review.prompt.md'), 'utf8')).toBe('# Prompt\nWrite it.');
    expect(await readFile(join(folderOf(root), 'review.ai_response.md'), 'utf8')).toBe('# Done ✓');
    expect(JSON.parse(await readFile(join(folderOf(root), 'review.json'), 'utf8'))).toMatchObject({
      model: 'm-1',
      status: 'completed',
      phase: 'review',
      visit: 1,
      prompt_checksum: digest('# Prompt\nWrite it.'),
      response_checksum: digest('# Done ✓'),
    });
    expect(refs.map((ref) => [ref.kind, ref.name, ref.media_type, ref.phase, ref.size_bytes > 0])).toEqual([
      ['prompt', 'review.prompt.md', 'text/markdown', 'review', true],
      ['ai_response', 'review.ai_response.md', 'text/markdown', 'review', true],
      ['record', 'review.json', 'application/json', 'review', true],
    ]);
    expect(refs[0]?.sha256).toBe(digest('# Prompt\nWrite it.'));
    expect(refs[0]?.uri).toBe('artifact:default/instances/wfi_0123456789ab/tasks/review.prompt.md');
  });

  it('come back as they were saved', async () => {
    const store = createMemoryArtifactStore();
    const saved = await saveTaskArtifacts(store, place, {
      prompt: 'p',
      ai_response: 'r',
      record: { tokens: 12 },
    });
    expect(await readSaved(store, place)).toEqual({
      prompt: 'p',
      ai_response: 'r',
      record: saved.record,
      refs: saved.refs,
    });
    expect(saved.record['tokens']).toBe(12);
    for (const ref of saved.refs) {
      const content = await readArtifact(store, ref, place);
      expect(digest(Buffer.from(content).toString())).toBe(ref.sha256);
      expect(content.byteLength).toBe(ref.size_bytes);
    }
  });

  it('tell an empty text from none', async () => {
    const store = createMemoryArtifactStore();
    const { refs } = await saveTaskArtifacts(store, place, { prompt: '' });
    expect(await readSaved(store, place)).toMatchObject({
      prompt: '',
      ai_response: null,
      record: { prompt_checksum: digest(''), response_checksum: null },
    });
    expect(refs.map((ref) => ref.kind)).toEqual(['prompt', 'record']);
  });

  it('cannot have their checksums or their place forged by the record', async () => {
    const store = createMemoryArtifactStore();
    const forged = { prompt_checksum: 'f'.repeat(64), phase: 'other', saved_at: 'never', instance_id: 'x' };
    await saveTaskArtifacts(store, place, { prompt: 'p', record: forged });
    const { record } = await readSaved(store, place);
    expect(record).toMatchObject({
      prompt_checksum: digest('p'),
      phase: 'review',
      instance_id: place.instance_id,
    });
    expect(Date.parse(record.saved_at)).not.toBeNaN();
  });

  it('of another visit, task or element lie apart', async () => {
    const store = createMemoryArtifactStore();
    const places: readonly TaskPlace[] = [
      place,
      { ...place, visit: 2 },
      { ...place, visit: 22 },
      { ...place, task: 'prompt' },
      { ...place, task: 'ai_response' },
      { ...place, visit: 2, task: 'lint' },
      { ...place, task: 'lint', index: 0 },
      { ...place, task: 'lint', index: 10 },
      { ...place, index: 2 },
      { ...place, phase: 'review_2' },
      { ...place, instance_id: 'wfi_ffffffffffff' },
      { ...place, tenant_id: 'acme/../default' },
    ];
    for (const [index, at] of places.entries())
      await saveTaskArtifacts(store, at, { prompt: `prompt ${index}` });
    for (const [index, at] of places.entries()) {
      expect((await readSaved(store, at)).prompt).toBe(`prompt ${index}`);
    }
  });

  it('have a name of their own for every place there is', () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/);
    const places = fc.record({
      phase: name,
      visit: fc.integer({ min: 1, max: 12 }),
      task: name,
      index: fc.option(fc.nat(12), { nil: undefined }),
    });
    const stem = (at: { phase: string; visit: number; task: string; index: number | undefined }): string =>
      taskStem({
        ...place,
        phase: at.phase,
        visit: at.visit,
        task: at.task,
        ...(at.index === undefined ? {} : { index: at.index }),
      });
    fc.assert(
      fc.property(places, places, (left, right) => {
        expect(stem(left) === stem(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['', '..', 'a.b', 'a/b', '../x', '2nd', 'a b', 'x'.repeat(65), 'a\0'])(
    'are refused for the phase %j, which no definition can hold',
    async (phase) => {
      const store = createMemoryArtifactStore();
      const refusal = { type: 'InvalidInputError', details: { field: 'phase' } };
      await expect(saveTaskArtifacts(store, { ...place, phase }, {})).rejects.toMatchObject(refusal);
      await expect(getTaskArtifacts(store, { ...place, phase })).rejects.toMatchObject(refusal);
    },
  );

  it('are refused where a text is no text or the record no object', async () => {
    const store = createMemoryArtifactStore();
    for (const input of [{ prompt: 1 }, { ai_response: null }, { record: [] }, { record: 'x' }]) {
      await expect(saveTaskArtifacts(store, place, input as object)).rejects.toMatchObject({
        type: 'InvalidInputError',
      });
    }
    expect(await store.list('')).toEqual([]);
  });

  it('are null before the first save', async () => {
    expect(await getTaskArtifacts(createMemoryArtifactStore(), place)).toBeNull();
    expect(await getTaskArtifacts(createFileArtifactStore(await temporaryFolder()), place)).toBeNull();
  });

  it('are found by a phase, a visit or a full task id', () => {
    const at = (id: string): TaskPlace => taskPlace(place, id);
    expect(at('review')).toMatchObject({ phase: 'review', visit: 1 });
    expect(at('review#3')).toMatchObject({ phase: 'review', visit: 3 });
    expect(taskStem(at('review#3/lint[4]'))).toBe('review.3.lint.4');
    expect(taskStem(at('review#1/review'))).toBe('review');
    expect(() => at('review#')).toThrow(/task cannot be/);
  });
});

describe('a second save', () => {
  const first = { prompt: 'first prompt', ai_response: 'first response', record: { n: 1 } };
  const second = { prompt: 'second prompt', ai_response: 'second response', record: { n: 2 } };

  it('replaces the whole set, and the first one can still be read by its references', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    const old = await saveTaskArtifacts(store, place, first);
    await saveTaskArtifacts(store, place, second);
    expect(await readSaved(store, place)).toMatchObject({ prompt: 'second prompt', record: { n: 2 } });
    expect(await readFile(join(folderOf(root), 'review.prompt.md'), 'utf8')).toBe('second prompt');
    const texts = await Promise.all(
      old.refs.map(async (ref) => Buffer.from(await readArtifact(store, ref)).toString()),
    );
    expect(texts.slice(0, 2)).toEqual(['first prompt', 'first response']);
    expect(JSON.parse(texts[2] ?? '')).toMatchObject({ n: 1 });
  });

  it('takes back what it leaves out', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await saveTaskArtifacts(store, place, first);
    await saveTaskArtifacts(store, place, { prompt: 'only' });
    const read = await readSaved(store, place);
    expect(read).toMatchObject({ prompt: 'only', ai_response: null });
    expect(read.record['n']).toBeUndefined();
    expect(await readFile(join(folderOf(root), 'review.ai_response.md'), 'utf8')).toBe('');
  });

  it('of the same contents changes nothing and gives the same references', async () => {
    const store = createMemoryArtifactStore();
    const one = await saveTaskArtifacts(store, place, first, new Date('2026-01-01T00:00:00Z'));
    const before = await store.list('');
    const two = await saveTaskArtifacts(store, place, first, new Date('2026-02-01T00:00:00Z'));
    expect(two).toEqual(one);
    expect(await store.list('')).toEqual(before);
  });

  it('that dies at any call leaves the first set or the second, whole', async () => {
    let call = 1;
    for (; ; call += 1) {
      const store = createMemoryArtifactStore();
      await saveTaskArtifacts(store, place, first);
      let calls = 0;
      const dying = gated(store, async () => {
        calls += 1;
        if (calls >= call) throw new Error('died');
      });
      const died = await saveTaskArtifacts(dying, place, second).then(
        () => false,
        () => true,
      );
      const { prompt, ai_response, record } = await readSaved(store, place);
      expect([
        ['first prompt', 'first response', 1],
        ['second prompt', 'second response', 2],
      ]).toContainEqual([prompt, ai_response, record['n']]);
      if (!died) {
        expect(prompt).toBe('second prompt');
        break;
      }
      await saveTaskArtifacts(store, place, second);
      expect((await readSaved(store, place)).prompt).toBe('second prompt');
    }
    expect(call).toBeGreaterThan(10);
  });

  it('at the same time as others never shows parts of two', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, saved) => {
        const memory = createMemoryArtifactStore();
        if (saved)
          await saveTaskArtifacts(memory, place, { prompt: 'p0', ai_response: 'r0', record: { n: 0 } });
        const store = gated(memory, () => scheduler.schedule(Promise.resolve()));
        const save = (n: number): Promise<unknown> =>
          saveTaskArtifacts(store, place, { prompt: `p${n}`, ai_response: `r${n}`, record: { n } });
        const read = async (): Promise<void> => {
          const found = await getTaskArtifacts(store, place).catch((error: unknown) => {
            expect(error).toMatchObject({ type: 'ArtifactNotFoundError' });
            expect(saved).toBe(false);
            return null;
          });
          if (found === null) return;
          expect([found.prompt, found.ai_response]).toEqual([
            `p${found.record['n']}`,
            `r${found.record['n']}`,
          ]);
        };
        const runs = Promise.all([save(1), read(), save(2), read(), save(3), read()]);
        await scheduler.waitFor(runs);
        const last = await readSaved(memory, place);
        expect([1, 2, 3]).toContain(last.record['n']);
        expect(last.prompt).toBe(`p${String(last.record['n'])}`);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what was changed behind the back of the store', () => {
  it.each(['review.prompt.md', 'review.ai_response.md'])('is an ArtifactCorruptError: %s', async (file) => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await saveTaskArtifacts(store, place, { prompt: 'p', ai_response: 'r' });
    await writeFile(join(folderOf(root), file), 'tampered');
    await expect(getTaskArtifacts(store, place)).rejects.toMatchObject({
      type: 'ArtifactCorruptError',
      details: { key: expect.stringContaining(file) as string, found_sha256: digest('tampered') },
    });
  });

  it('is noticed after a second save, too, and healed by a third', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await saveTaskArtifacts(store, place, { prompt: 'one' });
    await saveTaskArtifacts(store, place, { prompt: 'two' });
    await writeFile(join(folderOf(root), 'review.prompt.md'), 'tampered');
    await expect(getTaskArtifacts(store, place)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
    await saveTaskArtifacts(store, place, { prompt: 'three' });
    expect((await readSaved(store, place)).prompt).toBe('three');
  });

  it('is refused by its reference, record included', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    const { refs } = await saveTaskArtifacts(store, place, { prompt: 'p', record: { verdict: 'bad' } });
    const path = join(folderOf(root), 'review.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('bad', 'god'));
    const record = refs.find((ref) => ref.kind === 'record');
    if (record === undefined) throw new Error('no record was saved');
    await expect(readArtifact(store, record)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
  });

  it('is refused where a record is no record, and a new save replaces it', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await saveTaskArtifacts(store, place, { prompt: 'p' });
    for (const content of ['', '{', '[]', '{"phase":"review"}', 'null']) {
      await writeFile(join(folderOf(root), 'review.json'), content);
      await expect(getTaskArtifacts(store, place)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
    }
    await saveTaskArtifacts(store, place, { prompt: 'q' });
    expect((await readSaved(store, place)).prompt).toBe('q');
  });
});

describe('what was deleted behind the back of the store', () => {
  const saved = { prompt: 'p', ai_response: 'r' };

  it.each(['review.prompt.md', 'review.ai_response.md', 'review.json'])(
    'is an ArtifactNotFoundError that names it: %s',
    async (file) => {
      const root = await temporaryFolder();
      const store = createFileArtifactStore(root);
      await saveTaskArtifacts(store, place, saved);
      await rm(join(folderOf(root), file));
      await expect(getTaskArtifacts(store, place)).rejects.toMatchObject({
        type: 'ArtifactNotFoundError',
        details: { key: `default/instances/wfi_0123456789ab/tasks/${file}` },
      });
      await saveTaskArtifacts(store, place, saved);
      expect(await getTaskArtifacts(store, place)).toMatchObject(saved);
    },
  );

  it('is noticed by what a second save has kept, be there no other file', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await saveTaskArtifacts(store, place, { record: { n: 1 } });
    await saveTaskArtifacts(store, place, { record: { n: 2 } });
    await rm(join(folderOf(root), 'review.json'));
    await expect(getTaskArtifacts(store, place)).rejects.toMatchObject({ type: 'ArtifactNotFoundError' });
  });

  it('of a task says nothing of those whose names begin alike', async () => {
    const store = createMemoryArtifactStore();
    for (const phase of ['review_2', 'reviewer']) await saveTaskArtifacts(store, { ...place, phase }, saved);
    for (const visit of [2, 22]) await saveTaskArtifacts(store, { ...place, visit }, saved);
    for (const n of [1, 2]) await saveTaskArtifacts(store, { ...place, task: 'lint' }, { record: { n } });
    expect(await getTaskArtifacts(store, place)).toBeNull();
  });

  it('is known by the references of the instance, the record before the others', async () => {
    const { refs } = await saveTaskArtifacts(createMemoryArtifactStore(), place, saved);
    expect(findReference(place, refs)).toBe(refs[2]);
    expect(findReference(place, refs.slice(0, 2))).toBe(refs[0]);
    expect(findReference({ ...place, visit: 2 }, refs)).toBeUndefined();
  });
});

describe('references', () => {
  it('of other instances are refused, as those of other schemes are not found', async () => {
    const store = createMemoryArtifactStore();
    const { refs } = await saveTaskArtifacts(store, { ...place, tenant_id: 'other' }, { prompt: 'secret' });
    const ref = refs[0];
    if (ref === undefined) throw new Error('no prompt was saved');
    await expect(readArtifact(store, ref, place)).rejects.toMatchObject({ type: 'TenantAccessDeniedError' });
    for (const uri of ['https://example.com/x', 'file:///etc/passwd']) {
      await expect(readArtifact(store, { ...ref, uri })).rejects.toMatchObject({
        type: 'ArtifactNotFoundError',
      });
    }
    await expect(readArtifact(store, { ...ref, uri: 'artifact:../../etc/passwd' })).rejects.toMatchObject({
      type: 'InvalidInputError',
    });
  });

  it('list what an instance left, as last saved, without what was replaced', async () => {
    const store = createMemoryArtifactStore();
    await saveTaskArtifacts(store, place, { prompt: 'one', ai_response: 'r' });
    const { refs } = await saveTaskArtifacts(store, place, { prompt: 'two', ai_response: 'r' });
    const element = await saveTaskArtifacts(
      store,
      { ...place, visit: 2, task: 'lint', index: 0 },
      { prompt: 'x' },
    );
    await saveTaskArtifacts(
      store,
      { ...place, instance_id: 'wfi_0123456789abc' },
      { prompt: 'other instance' },
    );
    const listed = await listArtifacts(store, place);
    expect(new Set(listed)).toEqual(new Set([...refs, ...element.refs]));
    for (const ref of listed) expect(await readArtifact(store, ref, place)).toBeDefined();
    expect(await listArtifacts(store, { ...place, instance_id: 'none' })).toEqual([]);
  });
});
