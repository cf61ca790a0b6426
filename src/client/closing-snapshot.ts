import { readSnapshot } from '../artifacts/index.js';
import type { ClosingSnapshot } from '../artifacts/index.js';
import { fromIndexText } from '../workflows/search-attributes.js';
import { DEFAULT_TENANT } from './default-tenant.js';
import type { ClientContext } from './client-context.js';
import type { Execution } from './execution.js';

/**
 * The closing snapshot of an instance in the artifact store.
 *
 * @param execution the run it must be of: a retry has begun a new one, whose state an older snapshot does not tell.
 *   Null: whichever is the newest, since Temporal knows no run any more.
 * @returns null where there is none. A client without a tenant looks for a forgotten instance under `default`.
 * @throws ArtifactCorruptError
 */
export async function findClosingSnapshot(
  context: ClientContext,
  instanceId: string,
  execution: Execution | null,
): Promise<ClosingSnapshot | null> {
  const known = context.tenant ?? context.tenants.get(instanceId) ?? tenantOf(execution);
  const snapshot = await readSnapshot(context.store, known ?? DEFAULT_TENANT, instanceId);
  if (snapshot === null) return null;
  return execution === null || snapshot.run_id === execution.run_id ? snapshot : null;
}

function tenantOf(execution: Execution | null): string | null {
  return execution?.tenant_id == null ? null : fromIndexText(execution.tenant_id);
}
