/** References to artifacts: what enters histories and states in place of a content. */
import type { ArtifactKind, ArtifactRef } from '../core/shapes.js';
import { ChatFlowError } from '../core/errors.js';
import { checkArtifactKey } from './artifact-key.js';
import { instancePrefix, type InstancePlace } from './artifact-layout.js';
import type { ArtifactStore } from './artifact-store.js';
import { readVersion } from './artifact-versions.js';
import { sha256 } from './sha256.js';

/** `artifact:<key>`: names no driver, so references outlive a move of the store. */
const SCHEME = 'artifact:';

const MEDIA_TYPES: Readonly<Record<string, string>> = { md: 'text/markdown', json: 'application/json' };

export interface RefFacts {
  readonly kind: ArtifactKind;
  readonly created_at: string;
  readonly phase?: string;
  readonly task?: string;
}

/** The URI of a key. Keys hold no character that a URI would have to escape. */
export function artifactUri(key: string): string {
  checkArtifactKey(key);
  return `${SCHEME}${key}`;
}

/** The key of a URI, or null where it is not one of the store's own. */
export function artifactKeyOf(uri: string): string | null {
  if (!uri.startsWith(SCHEME)) return null;
  const key = uri.slice(SCHEME.length);
  checkArtifactKey(key);
  return key;
}

/** A reference from what is known of a content. */
export function describeArtifact(
  key: string,
  digest: string,
  sizeBytes: number,
  facts: RefFacts,
): ArtifactRef {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const media_type = MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  return { name, uri: artifactUri(key), sha256: digest, size_bytes: sizeBytes, media_type, ...facts };
}

/** A reference to a content at hand. */
export function refTo(key: string, content: Uint8Array, facts: RefFacts): ArtifactRef {
  return describeArtifact(key, sha256(content), content.byteLength, facts);
}

/**
 * The content a reference names, checked against its sha256; a task's artifact is found after a later save, too.
 * With `owner`, a reference into another instance's folder is refused: references may come from agents.
 * @throws ChatFlowError `ArtifactNotFoundError` (also for a URI of somebody else's), `ArtifactCorruptError`,
 * `TenantAccessDeniedError`, `InvalidInputError` for a bad key.
 */
export async function readArtifact(
  store: ArtifactStore,
  ref: ArtifactRef,
  owner?: InstancePlace,
): Promise<Uint8Array> {
  const key = artifactKeyOf(ref.uri);
  if (key === null) {
    const reason = 'its URI does not begin with artifact:';
    throw new ChatFlowError(
      'ArtifactNotFoundError',
      `${ref.name} lies outside the artifact store: ${reason}`,
      {
        uri: ref.uri,
      },
    );
  }
  if (owner !== undefined && !key.startsWith(instancePrefix(owner))) {
    throw new ChatFlowError(
      'TenantAccessDeniedError',
      `The artifact belongs to another instance [uri=${ref.uri}]`,
      {
        uri: ref.uri,
        instance_id: owner.instance_id,
      },
    );
  }
  return readVersion(store, key, ref.sha256);
}
