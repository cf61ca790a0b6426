import { definitionKey, type ArtifactStore } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import { digest } from '../json/canonical-json.js';
import type { JsonObject } from '../json/json.js';
import type { KeepDefinitionInput } from './activity-types.js';

/** The activity `chatflow.keepDefinition`: an inline definition of children, kept once under its digest. */
export function createKeepDefinition(store: ArtifactStore): (input: KeepDefinitionInput) => Promise<void> {
  return async ({ tenant_id, digest: key, document }) => {
    await store.put(definitionKey(tenant_id, key), Buffer.from(JSON.stringify(document), 'utf8'));
  };
}

/**
 * An inline definition that a parent has kept.
 * @throws ChatFlowError `ArtifactNotFoundError`, `ArtifactCorruptError`
 */
export async function readDefinition(
  store: ArtifactStore,
  tenantId: string,
  key: string,
): Promise<JsonObject> {
  const content = await store.get(definitionKey(tenantId, key));
  const document = JSON.parse(Buffer.from(content).toString('utf8')) as JsonObject;
  if (digest(document) === key) return document;
  throw new ChatFlowError('ArtifactCorruptError', `The definition ${key} is not what was kept`, {
    digest: key,
  });
}
