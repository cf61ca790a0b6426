/**
 * The port behind which artifacts lie: whole byte strings under string keys. Every driver passes
 * `test/artifacts/store-contract.ts`; docs/adr/0004-keep-artifacts-behind-five-methods.md says why no more is asked.
 *
 * S1 A key names one whole content: readers see all of a write or nothing of it.
 * S2 `put` creates; where the key exists it changes nothing, unless `overwrite` is set. Of writers at once, one creates.
 * S3 What `put` has reported as written survives a crash: of the process always, of the whole machine unless `durable`
 *    is false. Whole or not at all (S1) holds after either.
 * S4 No key reaches outside the store (`checkArtifactKey`).
 */
import { ChatFlowError } from '../core/errors.js';

export interface PutOptions {
  /** Replace what is there. Default false: write once. */
  readonly overwrite?: boolean;
  /**
   * Whether a crash of the operating system right after `put` may take nothing back. Default true. With false it may
   * take back the whole write, never a part of it: for what can be had again elsewhere, where it is cheaper. Stores
   * that gain nothing by it pass over it.
   */
  readonly durable?: boolean;
}

/** `exists`: the key was taken, and its content is as it was. */
export type PutOutcome = 'written' | 'exists';

export interface ArtifactStat {
  readonly key: string;
  readonly size_bytes: number;
  /** ISO-8601 UTC. */
  readonly modified_at: string;
}

export interface ArtifactStore {
  /**
   * Writes a content.
   * @throws ChatFlowError `PayloadTooLargeError` above 64 MiB, `InvalidInputError` for a bad key.
   */
  put(key: string, content: Uint8Array, options?: PutOptions): Promise<PutOutcome>;
  /**
   * Reads a whole content; the caller owns the bytes.
   * @throws ChatFlowError `ArtifactNotFoundError`, `InvalidInputError` for a bad key.
   */
  get(key: string): Promise<Uint8Array>;
  /** Facts without the content; null where the key is free. */
  stat(key: string): Promise<ArtifactStat | null>;
  /** Every key that begins with `prefix` (empty: all), in code unit order. */
  list(prefix: string): Promise<readonly ArtifactStat[]>;
  /** Removes a key; one that is free is fine. */
  delete(key: string): Promise<void>;
  /** Where a person finds the content: a path or an address. Pure. */
  locate(key: string): string;
}

/** Upper bound of one artifact, in bytes. */
export const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024;

/** Refuses a content above the limit. */
export function checkArtifactSize(key: string, sizeBytes: number): void {
  if (sizeBytes <= MAX_ARTIFACT_BYTES) return;
  throw new ChatFlowError(
    'PayloadTooLargeError',
    `The artifact has ${sizeBytes} bytes, more than the limit of ${MAX_ARTIFACT_BYTES} [key=${key}]`,
    { key, size_bytes: sizeBytes, limit_bytes: MAX_ARTIFACT_BYTES },
  );
}

/** The error for a key that is free. */
export function artifactNotFound(key: string): ChatFlowError {
  return new ChatFlowError('ArtifactNotFoundError', `No artifact lies under this key [key=${key}]`, { key });
}

/** What lies under a key, or null where it is free. */
export async function getOrNull(store: ArtifactStore, key: string): Promise<Uint8Array | null> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof ChatFlowError && error.type === 'ArtifactNotFoundError') return null;
    throw error;
  }
}
