import { definitionKey, type ArtifactStore } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import { digest } from '../json/canonical-json.js';
import type { KeepDefinitionInput } from './activity-types.js';

export type KeptDefinition = KeepDefinitionInput['document'];

/** The activity `chatflow.keepDefinition`: a definition of children, kept once under its digest. */
export function createKeepDefinition(store: ArtifactStore): (input: KeepDefinitionInput) => Promise<void> {
  return (input) => keepDefinition(store, input);
}

export async function keepDefinition(
  store: ArtifactStore,
  { tenant_id, digest: key, document }: KeepDefinitionInput,
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
