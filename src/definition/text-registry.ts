import type { DefinitionRegistry } from './definition-registry.js';

/** A text is a registry of its own, with one definition in it: diagnostics then show its lines. */
export function textRegistry(text: string, file: string): DefinitionRegistry {
  return {
    find: () => Promise.resolve({ name: null, version: null, text, file }),
    names: () => Promise.resolve([file]),
  };
}
