/**
 * The state at the end of each run of an instance: readers answer from the newest when Temporal's retention is over, and
 * a retry goes on from it. Each run has a key of its own that sorts by the time of its end, and is written once; so a
 * late write of an older run can never take a newer one's place, on any store.
 *
 * It is written without waiting for the folder: should the machine fail in the moments after, the file may be missing,
 * never torn, and Temporal has the same state until its retention is over.
 */
import { ChatFlowError } from '../core/errors.js';
import type { ArtifactRef } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import { isJsonObject } from '../json/json.js';
import { folderPrefix, snapshotKey, versionKey, type InstancePlace } from './artifact-layout.js';
import { refTo } from './artifact-ref.js';
import type { ArtifactStore } from './artifact-store.js';
import { corruptArtifact } from './artifact-versions.js';
import { sha256 } from './sha256.js';

/** Structurally the `Snapshot` of the wire contract (src/workflows/messages.ts). */
export interface ClosingSnapshot {
  readonly snapshot_version: 1;
  readonly run_id: string;
  readonly state: InstanceState;
}

/** Whose state a snapshot holds, and of which end. */
export interface SnapshotPlace extends InstancePlace {
  readonly run_id: string;
  /** Milliseconds since the epoch: when the run ended. */
  readonly ended_at: number;
}

function serialize(text: string): Buffer {
  return Buffer.from(`{"sha256":"${sha256(text)}","snapshot":\n${text}\n}\n`, 'utf8');
}

function endOf({ run_id, ended_at }: SnapshotPlace): string {
  if (Number.isFinite(ended_at) && typeof run_id === 'string') return new Date(ended_at).toISOString();
  throw new ChatFlowError('InvalidInputError', 'A snapshot needs its run_id and the time of its state');
}

/**
 * Keeps a run's snapshot; the same one again gives the same reference.
 * @throws ChatFlowError `InvalidInputError`, `PayloadTooLargeError`
 */
export async function writeSnapshot(
  store: ArtifactStore,
  place: InstancePlace,
  snapshot: ClosingSnapshot,
): Promise<ArtifactRef> {
  const { run_id, state } = snapshot;
  const ended_at = state.closed_at ?? state.updated_at;
  return writeSnapshotText(store, { ...place, run_id, ended_at }, JSON.stringify(snapshot));
}

/**
 * The same of a `ClosingSnapshot` that is JSON already.
 * @throws ChatFlowError `InvalidInputError`, `PayloadTooLargeError`
 */
export async function writeSnapshotText(
  store: ArtifactStore,
  place: SnapshotPlace,
  text: string,
): Promise<ArtifactRef> {
  const closedAt = endOf(place);
  const key = snapshotKey(place, closedAt, place.run_id);
  const content = serialize(text);
  const ref = refTo(key, content, { kind: 'record', created_at: closedAt });
  if ((await store.put(key, content, { durable: false })) === 'written') return ref;
  const current = await store.get(key);
  if (Buffer.from(current).equals(content)) return ref;
  // The same run, ended at the same millisecond in another state: what was written last is what it ended in.
  await store.put(versionKey(key, sha256(current)), current);
  await store.put(key, content, { overwrite: true });
  return ref;
}

function parse(key: string, content: Uint8Array): ClosingSnapshot {
  const text = Buffer.from(content).toString('utf8');
  const digest = /^\{"sha256":"([0-9a-f]{64})","snapshot":\n/.exec(text);
  const body = digest === null ? '' : text.slice(digest[0].length, -'\n}\n'.length);
  if (sha256(body) !== digest?.[1]) throw corruptArtifact(key, digest?.[1] ?? 'a snapshot', sha256(body));
  const value: unknown = JSON.parse(body);
  if (isJsonObject(value) && value['snapshot_version'] === 1) return value as unknown as ClosingSnapshot;
  throw new ChatFlowError('ArtifactCorruptError', `${key} holds a snapshot of an unknown version`, { key });
}

/**
 * The newest snapshot of an instance, its digest checked; null where it has none.
 * @throws ChatFlowError `ArtifactCorruptError`: an older one is never returned in place of a damaged newer one.
 */
export async function readSnapshot(
  store: ArtifactStore,
  tenantId: string,
  instanceId: string,
): Promise<ClosingSnapshot | null> {
  const place = { tenant_id: tenantId, instance_id: instanceId };
  const prefix = folderPrefix(place, 'snapshots');
  const keys = (await store.list(prefix)).map((stat) => stat.key);
  const newest = keys.filter((key) => !key.startsWith(`${prefix}versions/`)).at(-1);
  return newest === undefined ? null : parse(newest, await store.get(newest));
}
