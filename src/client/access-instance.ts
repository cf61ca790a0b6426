import { ChatFlowError } from '../core/errors.js';
import { fromIndexText, mayBeCut } from '../workflows/search-attributes.js';
import { checkInstanceId } from './check-input.js';
import { CLOSED } from './translate-error.js';
import type { ClientContext } from './client-context.js';
import { DEFAULT_TENANT } from './default-tenant.js';
import { findExecution } from './execution.js';
import type { Execution } from './execution.js';
import { OTHER_STORE } from './other-store.js';
import { readStartInput } from './read-start-input.js';

/** Instances whose tenant is remembered; beyond, all are forgotten and asked for again. */
const REMEMBERED = 10_000;

/**
 * The latest run of an instance that this client may see; null where Temporal has none.
 *
 * @throws TenantAccessDeniedError; InvalidInputError for an id that cannot be one
 */
export async function accessExecution(context: ClientContext, instanceId: string): Promise<Execution | null> {
  const execution = await findExecution(context, checkInstanceId(instanceId));
  if (execution !== null && context.tenant !== null) {
    checkTenant(context, instanceId, await tenantOf(context, instanceId, execution));
  }
  return execution;
}

/** Refuses another tenant's instance. A client that is bound to no tenant asks nothing. */
export async function checkAccess(context: ClientContext, instanceId: string): Promise<void> {
  checkInstanceId(instanceId);
  if (context.tenant === null) return;
  const known = context.tenants.get(instanceId);
  if (known !== undefined) return checkTenant(context, instanceId, known);
  await accessExecution(context, instanceId);
}

/** The tenant whose folder an instance's artifacts lie in; null where Temporal has no such instance. */
export async function findTenant(context: ClientContext, instanceId: string): Promise<string | null> {
  const known = context.tenants.get(instanceId);
  if (known !== undefined) {
    if (context.tenant !== null) checkTenant(context, instanceId, known);
    return known;
  }
  const execution = await accessExecution(context, instanceId);
  return execution === null ? null : tenantOf(context, instanceId, execution);
}

/** The error for an id that neither Temporal nor the store knows. */
export function instanceNotFound(
  { namespace, address, storePlace }: ClientContext,
  instanceId: string,
  cause?: unknown,
): ChatFlowError {
  return new ChatFlowError(
    'InstanceNotFoundError',
    `No instance ${instanceId} in namespace "${namespace}" at ${address}, nor a snapshot of one in ${storePlace}. "chatflow list" shows which there are; ${OTHER_STORE}`,
    { instance_id: instanceId, address, namespace, artifacts: storePlace },
    { cause },
  );
}

/** The error for an instance that takes nothing more. */
export function instanceClosed(instanceId: string, cause?: unknown): ChatFlowError {
  return new ChatFlowError(
    'WorkflowClosedError',
    `${CLOSED} [instance_id=${instanceId}]`,
    { instance_id: instanceId },
    { cause },
  );
}

async function tenantOf(context: ClientContext, instanceId: string, execution: Execution): Promise<string> {
  const known = context.tenants.get(instanceId);
  if (known !== undefined) return known;
  const indexed = execution.tenant_id;
  const tenant =
    indexed === null || mayBeCut(indexed)
      ? await tenantOfStart(context, instanceId, execution)
      : fromIndexText(indexed);
  if (context.tenants.size >= REMEMBERED) context.tenants.clear();
  context.tenants.set(instanceId, tenant);
  return tenant;
}

/** Not in the index yet, or cut there: the start says it, or the state that it carried over. */
async function tenantOfStart(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
): Promise<string> {
  const input = await readStartInput(context, instanceId, execution);
  const carried = input?.continued ?? input?.retried?.state;
  return carried?.tenant_id ?? input?.tenant_id ?? DEFAULT_TENANT;
}

function checkTenant(context: ClientContext, instanceId: string, tenant: string): void {
  if (tenant === context.tenant) return;
  // The owner's name is no business of the caller's.
  throw new ChatFlowError(
    'TenantAccessDeniedError',
    `The instance belongs to another tenant than ${context.tenant ?? ''} [instance_id=${instanceId}]`,
    { instance_id: instanceId },
  );
}
