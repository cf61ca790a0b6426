import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import {
  createFileArtifactStore,
  createMemoryArtifactStore,
  listArtifacts,
  readHistorySegment,
  readSnapshot,
  writeHistorySegment,
  writeSnapshot,
  type ArtifactStore,
  type ClosingSnapshot,
} from '../../src/artifacts/index.js';
import { temporaryFolder } from './temporary-folder.js';

const place = { tenant_id: 'default', instance_id: 'wfi_0123456789ab' };

function events(first: number, last: number, note = 'x'): readonly HistoryEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    seq: first + index,
    event_type: 'trigger_applied',
    phase: 'review',
    task: null,
    timestamp: new Date(1_800_000_000_000 + (first + index) * 1000).toISOString(),
    data: { note, 'line\u2028end': '"}]' },
  }));
}

describe('a segment of the history', () => {
  it('gives back the events that were written, by its reference', async () => {
    const store = createMemoryArtifactStore();
    const ref = await writeHistorySegment(store, place, events(1, 400));
    expect(ref).toMatchObject({
      name: '0000000001-0000000400.json',
      kind: 'history',
      media_type: 'application/json',
      created_at: events(400, 400)[0]?.timestamp,
    });
    expect(await readHistorySegment(store, ref, place)).toEqual(events(1, 400));
  });

  it('is written once, however often its activity runs', async () => {
    const store = createMemoryArtifactStore();
    const first = await writeHistorySegment(store, place, events(1, 5));
    const before = await store.list('');
    expect(await writeHistorySegment(store, place, events(1, 5))).toEqual(first);
    expect(await store.list('')).toEqual(before);
  });

  it('with the same numbers but other events spoils neither', async () => {
    const store = createMemoryArtifactStore();
    const first = await writeHistorySegment(store, place, events(1, 5, 'first'));
    const second = await writeHistorySegment(store, place, events(1, 5, 'second'));
    expect(second.uri).not.toBe(first.uri);
    expect(await readHistorySegment(store, first)).toEqual(events(1, 5, 'first'));
    expect(await readHistorySegment(store, second)).toEqual(events(1, 5, 'second'));
  });

  it.each([
    ['nothing', []],
    ['a gap', [...events(1, 2), ...events(4, 5)]],
    ['a repeated number', [...events(1, 2), ...events(2, 3)]],
    ['a number below 1', events(0, 2)],
  ])('is refused with %s in it', async (_, given) => {
    await expect(writeHistorySegment(createMemoryArtifactStore(), place, given)).rejects.toMatchObject({
      type: 'InvalidInputError',
    });
  });

  it('that was damaged or belongs to somebody else is refused', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    const ref = await writeHistorySegment(store, place, events(1, 3));
    await expect(readHistorySegment(store, ref, { ...place, tenant_id: 'other' })).rejects.toMatchObject({
      type: 'TenantAccessDeniedError',
    });
    const path = join(root, 'default/instances/wfi_0123456789ab/history/0000000001-0000000003.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('trigger_applied', 'trigger_appliex'));
    await expect(readHistorySegment(store, ref)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
  });
});

function snapshot(closedAt: number | null, run: string, note = 'x'): ClosingSnapshot {
  // Only what the store reads: the rest of the state is opaque to it.
  const state = { instance_id: place.instance_id, closed_at: closedAt, updated_at: 5, variables: { note } };
  return { snapshot_version: 1, run_id: run, state: state as unknown as InstanceState };
}

const newest = (store: ArtifactStore): Promise<ClosingSnapshot | null> =>
  readSnapshot(store, place.tenant_id, place.instance_id);

describe('the closing snapshot', () => {
  it('is null for an instance that has none', async () => {
    expect(await newest(createMemoryArtifactStore())).toBeNull();
  });

  it('comes back whole and is written once', async () => {
    const store = createMemoryArtifactStore();
    const ref = await writeSnapshot(store, place, snapshot(1_800_000_000_000, 'run-1'));
    expect(ref.kind).toBe('record');
    expect(ref.created_at).toBe('2027-01-15T08:00:00.000Z');
    expect(await writeSnapshot(store, place, snapshot(1_800_000_000_000, 'run-1'))).toEqual(ref);
    expect(await newest(store)).toEqual(snapshot(1_800_000_000_000, 'run-1'));
    expect(await listArtifacts(store, place)).toMatchObject([{ uri: ref.uri, sha256: ref.sha256 }]);
  });

  it('is that of the run that ended last, in whatever order they arrive', async () => {
    const store = createMemoryArtifactStore();
    const ends = [3_000, 1_000, 2_000].map((at) => 1_800_000_000_000 + at);
    for (const at of ends) await writeSnapshot(store, place, snapshot(at, `run-${at}`));
    expect((await newest(store))?.run_id).toBe('run-1800000003000');
    await writeSnapshot(store, place, snapshot(1_800_000_009_000, 'run-x'));
    expect((await newest(store))?.run_id).toBe('run-x');
  });

  it('of one run that ended twice at the same time is the last that was written', async () => {
    const store = createMemoryArtifactStore();
    await writeSnapshot(store, place, snapshot(1000, 'run', 'first'));
    await writeSnapshot(store, place, snapshot(1000, 'run', 'second'));
    expect(await newest(store)).toEqual(snapshot(1000, 'run', 'second'));
  });

  it('falls back to the time of the last change, and is refused without any', async () => {
    const store = createMemoryArtifactStore();
    await writeSnapshot(store, place, snapshot(null, 'run'));
    expect((await newest(store))?.run_id).toBe('run');
    await expect(writeSnapshot(store, place, snapshot(Number.NaN, 'run'))).rejects.toMatchObject({
      type: 'InvalidInputError',
    });
  });

  it('is never replaced by an older one where it is damaged', async () => {
    const root = await temporaryFolder();
    const store = createFileArtifactStore(root);
    await writeSnapshot(store, place, snapshot(1000, 'old'));
    const ref = await writeSnapshot(store, place, snapshot(2000, 'new'));
    const path = join(root, ref.uri.slice('artifact:'.length));
    const whole = await readFile(path, 'utf8');
    for (const content of [whole.replace('"note":"x"', '"note":"y"'), whole.slice(0, 100), '', '{}']) {
      await writeFile(path, content);
      await expect(newest(store)).rejects.toMatchObject({ type: 'ArtifactCorruptError' });
    }
  });
});
