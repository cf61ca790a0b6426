import { definitionKey, type ArtifactStore } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import { digest } from '../json/canonical-json.js';
import type { JsonObject } from '../json/json.js';
import type { KeepDefinitionInput } from './activity-types.js';

/** A document, or the text of a file: as text a version such as 1.0 is still what was written. */
export type KeptDefinition = JsonObject | string;

interface Keeping {
  readonly tenant_id: string;
  readonly digest: string;
  readonly document: KeptDefinition;
}

/** The activity `chatflow.keepDefinition`: an inline definition of children, kept once under its digest. */
export function createKeepDefinition(store: ArtifactStore): (input: KeepDefinitionInput) => Promise<void> {
  return (input) => keepDefinition(store, input);
}

export async function keepDefinition(
  store: ArtifactStore,
  { tenant_id, digest: key, document }: Keeping,
): Promise<void> {
  await store.put(definitionKey(tenant_id, key), Buffer.from(JSON.stringify(document), 'utf8'));
}

/**
 * A definition that was kept.
 * @throws ChatFlowError `ArtifactNotFoundError`, `ArtifactCorruptError`
 */
export async function readDefinition(
  store: ArtifactStore,
  tenantId: string,
  key: string,
): Promise<KeptDefinition> {
  const content = await store.get(definitionKey(tenantId, key));
  const document = JSON.parse(Buffer.from(content).toString('utf8')) as KeptDefinition;
  if (digest(document) === key) return document;
  throw new ChatFlowError('ArtifactCorruptError', `The definition ${key} is not what was kept`, {
    digest: key,
  });
}
