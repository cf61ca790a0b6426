import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { closingSnapshotSinks, keepClosingSnapshots } from '../../src/activities/closing-snapshot-sinks.js';
import { SnapshotKeeper, type SnapshotFailure } from '../../src/activities/snapshot-keeper.js';
import {
  createFileArtifactStore,
  createMemoryArtifactStore,
  readSnapshot,
  type ArtifactStore,
  type SnapshotPlace,
} from '../../src/artifacts/index.js';
import { ChatFlowError } from '../../src/core/errors.js';
import { temporaryFolder } from '../artifacts/temporary-folder.js';

const placeOf = (instance: string): SnapshotPlace => ({
  tenant_id: 'default',
  instance_id: instance,
  run_id: `run-${instance}`,
  ended_at: Date.parse('2026-01-01T00:00:00Z'),
});
const textOf = (instance: string, note = ''): string =>
  JSON.stringify({ snapshot_version: 1, run_id: `run-${instance}`, state: { note } });
const FAST = { firstDelayMs: 5, longestDelayMs: 20 };

/** A memory store whose writes fail while `broken` holds an error. */
function fragileStore(): { store: ArtifactStore; broken: Error | null; puts: number } {
  const memory = createMemoryArtifactStore();
  const fragile = { store: memory, broken: new Error('ENOSPC') as Error | null, puts: 0 };
  fragile.store = {
    ...memory,
    put: async (...args) => {
      fragile.puts += 1;
      if (fragile.broken !== null) throw fragile.broken;
      return memory.put(...args);
    },
  };
  return fragile;
}

function makeLog(): {
  readonly failures: SnapshotFailure[];
  readonly kept: { readonly instance_id: string; readonly attempts: number }[];
  readonly fates: () => readonly (readonly [string, string])[];
  readonly reports: ConstructorParameters<typeof SnapshotKeeper>[1];
} {
  const failures: SnapshotFailure[] = [];
  const kept: { readonly instance_id: string; readonly attempts: number }[] = [];
  return {
    failures,
    kept,
    fates: () => failures.map(({ instance_id, fate }) => [instance_id, fate] as const),
    reports: { failed: (failure) => failures.push(failure), kept: (facts) => kept.push(facts) },
  };
}

async function waitUntil(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came to hold');
    await delay(5);
  }
}

describe('a closing snapshot that the store cannot take', () => {
  it('is written once the store is back: a folder that was a file for a while', async () => {
    const folder = await temporaryFolder();
    const root = join(folder, 'artifacts');
    const store = createFileArtifactStore(root);
    const log = makeLog();
    const { sinks } = keepClosingSnapshots(store, log.reports, FAST);
    const write = (instance: string): unknown =>
      sinks.chatflow.writeSnapshot.fn({} as never, placeOf(instance), textOf(instance));
    await write('before');
    await rename(root, `${root}.away`);
    await writeFile(root, 'no folder');
    await write('one');
    await write('two');
    expect(log.fates()).toEqual([
      ['one', 'waiting'],
      ['two', 'waiting'],
    ]);
    await delay(60);
    await rm(root);
    await rename(`${root}.away`, root);
    await waitUntil(() => log.kept.length === 2);
    expect(await readSnapshot(store, 'default', 'one')).toMatchObject({ run_id: 'run-one' });
    expect(await readSnapshot(store, 'default', 'two')).toMatchObject({ run_id: 'run-two' });
    expect(log.failures).toHaveLength(2);
    // Each is tried again by itself: whichever comes first.
    expect(log.kept.map((facts) => facts.instance_id).toSorted()).toEqual(['one', 'two']);
    expect(await readdir(folder)).toEqual(['artifacts']);
  });

  it('is retried by the sinks alone, too, at first after a second', async () => {
    const fragile = fragileStore();
    const failures: SnapshotFailure[] = [];
    const sinks = closingSnapshotSinks(fragile.store, (failure) => failures.push(failure));
    await sinks.chatflow.writeSnapshot.fn({} as never, placeOf('a'), textOf('a'));
    expect(failures).toEqual([{ instance_id: 'a', error: fragile.broken, fate: 'waiting' }]);
    fragile.broken = null;
    await waitUntil(async () => (await readSnapshot(fragile.store, 'default', 'a')) !== null);
  });

  it('is tried at growing intervals', async () => {
    const fragile = fragileStore();
    const keeper = new SnapshotKeeper(fragile.store, makeLog().reports, {
      firstDelayMs: 20,
      longestDelayMs: 10_000,
    });
    await keeper.keep(placeOf('a'), textOf('a'));
    await delay(400);
    // After 20, 60, 140 and 300 ms; without the growth there would be twenty.
    expect(fragile.puts).toBeGreaterThan(2);
    expect(fragile.puts).toBeLessThan(8);
  });

  it.each(['InvalidInputError', 'PayloadTooLargeError'] as const)(
    'is not tried again after %s',
    async (type) => {
      const fragile = fragileStore();
      const log = makeLog();
      const keeper = new SnapshotKeeper(fragile.store, log.reports, FAST);
      fragile.broken = new ChatFlowError(type, 'no');
      await keeper.keep(placeOf('a'), textOf('a'));
      fragile.broken = null;
      await delay(40);
      expect(fragile.puts).toBe(1);
      expect(log.fates()).toEqual([['a', 'refused']]);
    },
  );

  it('makes room for newer ones, the oldest first, by count and by bytes', async () => {
    for (const limits of [{ snapshots: 2 }, { bytes: 2 * textOf('a').length }]) {
      const fragile = fragileStore();
      const log = makeLog();
      const keeper = new SnapshotKeeper(fragile.store, log.reports, { ...FAST, ...limits });
      for (const instance of ['a', 'b', 'c']) await keeper.keep(placeOf(instance), textOf(instance));
      expect(log.fates()).toEqual([
        ['a', 'waiting'],
        ['b', 'waiting'],
        ['c', 'waiting'],
        ['a', 'dropped'],
      ]);
      fragile.broken = null;
      await waitUntil(() => log.kept.length === 2);
      expect(await readSnapshot(fragile.store, 'default', 'a')).toBeNull();
    }
  });

  it('gives way to a later write of the same end', async () => {
    const fragile = fragileStore();
    const log = makeLog();
    const keeper = new SnapshotKeeper(fragile.store, log.reports, FAST);
    await keeper.keep(placeOf('a'), textOf('a', 'first'));
    fragile.broken = null;
    await keeper.keep(placeOf('a'), textOf('a', 'second'));
    await delay(40);
    expect(await readSnapshot(fragile.store, 'default', 'a')).toMatchObject({ state: { note: 'second' } });
    expect(log.kept).toEqual([]);
  });

  it('is tried once more when the worker ends, and reported lost if that fails', async () => {
    const fragile = fragileStore();
    const log = makeLog();
    const { sinks, flush } = keepClosingSnapshots(fragile.store, log.reports);
    const write = (instance: string): unknown =>
      sinks.chatflow.writeSnapshot.fn({} as never, placeOf(instance), textOf(instance));
    await write('a');
    fragile.broken = null;
    await flush();
    expect(log.kept).toEqual([{ instance_id: 'a', attempts: 2 }]);
    fragile.broken = new Error('still full');
    await write('b');
    await flush();
    expect(log.failures.at(-1)).toEqual({ instance_id: 'b', error: fragile.broken, fate: 'dropped' });
    const { puts } = fragile;
    await flush();
    expect(fragile.puts).toBe(puts);
  });
});
