import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkAgainstReferences,
  createFileArtifactStore,
  createMemoryArtifactStore,
  getTaskArtifacts,
  listArtifacts,
  saveTaskArtifacts,
  type ArtifactStore,
  type TaskArtifacts,
  type TaskPlace,
} from '../../src/artifacts/index.js';
import { temporaryFolder } from './temporary-folder.js';

const place: TaskPlace = { tenant_id: 'default', instance_id: 'wfi_0123456789ab', phase: 'review' };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const folderOf = (root: string): string => join(root, 'default', 'instances', 'wfi_0123456789ab', 'tasks');

/** What is known to have been saved. */
async function readSaved(store: ArtifactStore, of: TaskPlace): Promise<TaskArtifacts> {
  const found = await getTaskArtifacts(store, of);
  if (found === null) throw new Error('nothing was saved');
  return found;
}

describe('a record that was changed behind the back of the store', () => {
  const saved = { prompt: 'p', ai_response: 'r', record: { verdict: 'bad', n: 1 } };

  async function changed(change: (text: string) => string): Promise<ArtifactStore> {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await saveTaskArtifacts(store, place, saved);
    const path = join(folderOf(root), 'review.json');
    const text = await readFile(path, 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(path, change(text));
    return store;
  }

  it.each<[string, (text: string) => string]>([
    ['a value', (text) => text.replace('bad', 'good')],
    ['a place', (text) => text.replace('"visit": 1', '"visit":  1')],
    ['the time', (text) => text.replace(/"saved_at": "..../, '"saved_at": "1999')],
    ['the digest', (text) => text.replace(/"record_checksum": "./, '"record_checksum": "x')],
    ['a key more', (text) => text.replace('{\n', '{\n  "approved": true,\n')],
    ['a key more at the end', (text) => text.replace(/\n\}\n$/, ',\n  "approved": true\n}\n')],
    ['its form', (text) => JSON.stringify(JSON.parse(text))],
    [
      'another record in its place',
      (text) => JSON.stringify({ ...(JSON.parse(text) as object), verdict: 'good' }, null, 2),
    ],
  ])('is an ArtifactCorruptError with nobody to ask: %s', async (_, change) => {
    const store = await changed(change);
    await expect(getTaskArtifacts(store, place)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
    await expect(listArtifacts(store, place)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
    await saveTaskArtifacts(store, place, saved);
    expect((await readSaved(store, place)).record['verdict']).toBe('bad');
  });

  it('is found out by the instance’s reference where its digest was made anew, or taken away', async () => {
    const store = createMemoryArtifactStore();
    const { refs } = await saveTaskArtifacts(store, place, saved);
    const key = 'default/instances/wfi_0123456789ab/tasks/review.json';
    const forge = async (end: (body: string) => string): Promise<void> => {
      const text = Buffer.from(await store.get(key)).toString();
      const body = text.replace('bad', 'good').replace(/,\n {2}"record_checksum.*\n\}\n$/, '\n}\n');
      await store.put(key, Buffer.from(end(body)), { overwrite: true });
    };
    const withDigest = (body: string): string =>
      body.replace(/\n\}\n$/, `,\n  "record_checksum": "${digest(body)}"\n}\n`);
    for (const end of [withDigest, (body: string) => body]) {
      await forge(end);
      const found = await readSaved(store, place);
      expect(found.record['verdict']).toBe('good');
      await expect(checkAgainstReferences(store, found, refs)).rejects.toMatchObject({
        type: 'ArtifactCorruptError',
        details: { expected_sha256: refs[2]?.sha256 },
      });
    }
  });

  it('is told from a save that the instance has not heard of', async () => {
    const store = createMemoryArtifactStore();
    const first = await saveTaskArtifacts(store, place, saved);
    await checkAgainstReferences(store, await readSaved(store, place), []);
    await checkAgainstReferences(store, await readSaved(store, place), first.refs);
    const second = await saveTaskArtifacts(store, place, { prompt: 'q' });
    const found = await readSaved(store, place);
    for (const known of [first.refs, second.refs, [...first.refs, ...second.refs]]) {
      await checkAgainstReferences(store, found, known);
    }
  });

  it('of before there was a digest can still be read, and is replaced by the next save', async () => {
    const store = createMemoryArtifactStore();
    const key = 'default/instances/wfi_0123456789ab/tasks/review.json';
    const old = {
      model: 'm-1',
      instance_id: place.instance_id,
      phase: 'review',
      visit: 1,
      task: 'review',
      prompt_checksum: digest('p'),
      prompt_size_bytes: 1,
      response_checksum: null,
      response_size_bytes: 0,
      saved_at: '2026-01-01T00:00:00.000Z',
    };
    await store.put(key.replace('.json', '.prompt.md'), Buffer.from('p'));
    await store.put(key, Buffer.from(`${JSON.stringify(old, null, 2)}\n`));
    expect(await readSaved(store, place)).toMatchObject({ prompt: 'p', record: old });
    await saveTaskArtifacts(store, place, { prompt: 'p', record: { model: 'm-1' } });
    const { record } = await readSaved(store, place);
    expect(record.record_checksum).toMatch(/^[0-9a-f]{64}$/);
  });
});
