/**
 * Where the definition of a child comes from: from the folders by its name, or from the store by its digest. What was
 * found by a name is put into the store, so that all children of that name in an instance can follow the same text.
 */
import { definitionKey } from '../artifacts/index.js';
import type { DefinitionRegistry, FoundDefinition } from '../definition/definition-registry.js';
import { keepRecent } from '../definition/keep-recent.js';
import { textRegistry } from '../definition/text-registry.js';
import { digest } from '../json/canonical-json.js';
import type { JsonObject } from '../json/json.js';
import type { ActivityDependencies } from './activity-dependencies.js';
import type { StartInput } from './activity-types.js';
import { keepDefinition, readDefinition, type KeptDefinition } from './keep-definition.js';

export interface ChildDefinition {
  /** What `prepareStart` is given, and where it looks. */
  readonly start: JsonObject;
  readonly registry: DefinitionRegistry;
  /** Of one that was found by its name: puts it into the store; its digest there. */
  readonly keep?: () => Promise<string>;
}

/** Definitions that a process remembers having in the store. */
const REMEMBERED = 200;

/** The finder of a process: what is in the store never changes, and is read and written once. */
export function createChildDefinitions({
  store,
  definitions,
}: Pick<ActivityDependencies, 'store' | 'definitions'>): (input: StartInput) => Promise<ChildDefinition> {
  const known = new Map<string, KeptDefinition>();

  const remember = (key: string, document: KeptDefinition): KeptDefinition =>
    keepRecent(known, key, document, REMEMBERED);

  async function read(tenantId: string, wanted: string): Promise<KeptDefinition> {
    const key = definitionKey(tenantId, wanted);
    return remember(key, known.get(key) ?? (await readDefinition(store, tenantId, wanted)));
  }

  async function keep(tenant_id: string, { text }: FoundDefinition): Promise<string> {
    const kept = digest(text);
    const key = definitionKey(tenant_id, kept);
    if (!known.has(key)) await keepDefinition(store, { tenant_id, digest: kept, document: text });
    remember(key, text);
    return kept;
  }

  return async ({ tenant_id = 'default', schema_id, schema_digest }) => {
    if (schema_digest !== undefined) {
      const document = await read(tenant_id, schema_digest);
      if (typeof document !== 'string') return { start: { schema: document }, registry: definitions };
      const name = schema_id ?? schema_digest;
      return { start: { schema_id: name }, registry: textRegistry(document, name) };
    }
    if (schema_id === undefined) return { start: {}, registry: definitions };
    const found = await definitions.find(schema_id);
    const registry = { ...definitions, find: () => Promise.resolve(found) };
    return { start: { schema_id }, registry, keep: () => keep(tenant_id, found) };
  };
}
