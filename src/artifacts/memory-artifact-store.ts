import { checkArtifactKey, checkArtifactPrefix } from './artifact-key.js';
import {
  artifactNotFound,
  checkArtifactSize,
  type ArtifactStat,
  type ArtifactStore,
  type PutOptions,
  type PutOutcome,
} from './artifact-store.js';

interface Entry {
  readonly content: Uint8Array;
  readonly stat: ArtifactStat;
}

/** Artifacts in this process's memory: for tests. */
export function createMemoryArtifactStore(now: () => Date = () => new Date()): ArtifactStore {
  const entries = new Map<string, Entry>();

  function write(key: string, content: Uint8Array, options: PutOptions): PutOutcome {
    checkArtifactKey(key);
    checkArtifactSize(key, content.byteLength);
    if (entries.has(key) && options.overwrite !== true) return 'exists';
    const stat = { key, size_bytes: content.byteLength, modified_at: now().toISOString() };
    entries.set(key, { content: Uint8Array.from(content), stat });
    return 'written';
  }

  function read(key: string): Uint8Array {
    checkArtifactKey(key);
    const entry = entries.get(key);
    if (entry === undefined) throw artifactNotFound(key);
    return Uint8Array.from(entry.content);
  }

  function find(key: string): ArtifactStat | null {
    checkArtifactKey(key);
    return entries.get(key)?.stat ?? null;
  }

  function select(prefix: string): readonly ArtifactStat[] {
    checkArtifactPrefix(prefix);
    const keys = [...entries.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.flatMap((key) => entries.get(key)?.stat ?? []);
  }

  function remove(key: string): void {
    checkArtifactKey(key);
    entries.delete(key);
  }

  return {
    put: async (key, content, options = {}) => write(key, content, options),
    get: async (key) => read(key),
    stat: async (key) => find(key),
    list: async (prefix) => select(prefix),
    delete: async (key) => remove(key),
    locate: (key) => `memory:${key}`,
  };
}
