/**
 * Contents that may be replaced, on a store without transactions or locks. The key holds the newest content, for people;
 * whoever holds a checksum can read the very content it names, whatever has been saved since, is being saved, or was
 * being saved when a process died.
 *
 * V1 The first save creates the key and nothing else.
 * V2 Before a content is overwritten, it and the new one lie under their version keys, which are never changed.
 *    So every content that was ever replaced, or has replaced another, can be read by its checksum.
 * V3 So a content under the key that neither matches the checksum asked for nor is a known version was written by
 *    nobody but a person, an editor or a broken disk: `ArtifactCorruptError`, even where an intact version is left.
 */
import { ChatFlowError } from '../core/errors.js';
import { versionKey } from './artifact-layout.js';
import { artifactNotFound, getOrNull, type ArtifactStore } from './artifact-store.js';
import { sha256 } from './sha256.js';

/** Makes `content` what lies under `key`. Saving the same content again changes nothing. */
export async function replaceArtifact(store: ArtifactStore, key: string, content: Uint8Array): Promise<void> {
  if ((await store.put(key, content)) === 'written') return;
  const current = await getOrNull(store, key);
  const digest = sha256(content);
  if (current !== null && sha256(current) === digest) return;
  if (current !== null) await store.put(versionKey(key, sha256(current)), current);
  await store.put(versionKey(key, digest), content);
  await store.put(key, content, { overwrite: true });
}

/**
 * The content with this sha256 that lies, or once lay, under `key`.
 * @throws ChatFlowError `ArtifactNotFoundError`, `ArtifactCorruptError`
 */
export async function readVersion(store: ArtifactStore, key: string, digest: string): Promise<Uint8Array> {
  const current = await getOrNull(store, key);
  const found = current === null ? null : sha256(current);
  if (current !== null && found === digest) return current;
  const kept = await getOrNull(store, versionKey(key, digest));
  if (kept === null && found === null) throw artifactNotFound(key);
  if (kept === null || sha256(kept) !== digest) throw corruptArtifact(key, digest, found);
  if (found !== null && !(await isKnownVersion(store, key, found))) {
    throw corruptArtifact(key, digest, found);
  }
  return kept;
}

/** Whether a content was ever replaced under `key`, or has replaced another (V2). */
export async function isKnownVersion(store: ArtifactStore, key: string, digest: string): Promise<boolean> {
  return (await store.stat(versionKey(key, digest))) !== null;
}

/** The error for a content that is not what its checksum says. */
export function corruptArtifact(key: string, expected: string, found: string | null): ChatFlowError {
  return new ChatFlowError(
    'ArtifactCorruptError',
    `The content of ${key} was changed or damaged: its sha256 is ${found ?? 'that of no version'}, not ${expected}`,
    { key, expected_sha256: expected, found_sha256: found },
  );
}
