import type { Definition } from '../definition/definition.js';

/** Definitions that instances of one worker run at the same time; a few kilobytes each. */
const MOST_SHARED = 200;
const shared = new Map<string, Definition>();

/**
 * The one object that stands for a definition in all instances of a worker: they are equal, so a thousand instances
 * need not hold a thousand copies, nor index each.
 *
 * @param digest of this very definition, computed here and never taken from a caller: it decides whose it is
 */
export function shareDefinition(definition: Definition, digest: string): Definition {
  const known = shared.get(digest) ?? definition;
  shared.delete(digest);
  shared.set(digest, known);
  for (const oldest of shared.keys()) {
    if (shared.size <= MOST_SHARED) break;
    shared.delete(oldest);
  }
  return known;
}
