import { digest } from '../json/canonical-json.js';
import type { Json } from '../json/json.js';
import type { Definition } from './definition.js';

/** What tells one definition from another: SHA-256 over its canonical JSON, 64 hexadecimal digits. */
export function definitionDigest(definition: Definition): string {
  // A definition is JSON by construction; its interfaces have no index signature, so the type cannot say it.
  return digest(definition as unknown as Json);
}
