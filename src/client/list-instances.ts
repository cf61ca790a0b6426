import { ChatFlowError } from '../core/errors.js';
import type { FeatureStatus, InstanceStatus } from '../core/shapes.js';
import { callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import { collapseRuns, listRuns } from './list-runs.js';
import type { RunSummary } from './list-runs.js';
import type { InstanceFilter, InstanceSummary } from './requests.js';
import { idsQuery, isVolatile, matchesQuery, runsQuery } from './visibility-query.js';

/** Ids in one query. */
const CHUNK = 100;

/**
 * Instances that meet a filter, newest first; with `limit` those that are open come before those that have closed.
 * Runs of one instance (continue-as-new, retry) are one row, and it is the latest run that must meet the filter.
 *
 * @throws TenantAccessDeniedError where the filter names another tenant than the client's; SearchAttributesMissingError
 */
export async function listInstances(
  context: ClientContext,
  filter: InstanceFilter = {},
): Promise<readonly InstanceSummary[]> {
  checkFilter(context, filter);
  const found = await findInstances(context, filter);
  if (found.length === 0) await refuseWithoutAttributes(context);
  return found;
}

/** Where the server lacks our attributes no instance can be: then none is no answer, but a sign of the wrong server. */
async function refuseWithoutAttributes(context: ClientContext): Promise<void> {
  await callTemporal(context, () => context.client.workflow.count('ChatflowStatus IS NOT NULL'));
}

async function findInstances(
  context: ClientContext,
  filter: InstanceFilter,
): Promise<readonly InstanceSummary[]> {
  if (!isVolatile(filter) && filter.limit === undefined) {
    return collapseRuns(await collect(listRuns(context, runsQuery(filter, context.tenant))));
  }
  const ids = await findIds(context, filter);
  const runs: RunSummary[] = [];
  for (let start = 0; start < ids.length; start += CHUNK) {
    runs.push(...(await collect(listRuns(context, idsQuery(ids.slice(start, start + CHUNK))))));
  }
  return collapseRuns(runs).filter((instance) => matches(instance, filter));
}

/** Counts of a feature's instances by status. */
export async function getFeatureStatus(
  context: ClientContext,
  featureId: string,
  schemaName?: string,
): Promise<FeatureStatus> {
  const filter = { feature_id: featureId, ...(schemaName !== undefined && { schema: schemaName }) };
  return countFeature(featureId, await listInstances(context, filter));
}

/** The status of a feature from its instances, newest first. Pure. */
export function countFeature(featureId: string, instances: readonly InstanceSummary[]): FeatureStatus {
  const count = (status: InstanceStatus): number =>
    instances.filter((instance) => instance.status === status).length;
  const open = count('created') + count('running') + count('paused');
  return {
    feature_id: featureId,
    total_instances: instances.length,
    created_count: count('created'),
    running_count: count('running'),
    paused_count: count('paused'),
    completed_count: count('completed'),
    failed_count: count('failed'),
    terminated_count: count('terminated'),
    cancelled_count: count('cancelled'),
    latest_instance_id: instances[0]?.instance_id ?? null,
    status: count('completed') > 0 && open === 0 ? 'completed' : 'in_progress',
  };
}

async function findIds(context: ClientContext, filter: InstanceFilter): Promise<readonly string[]> {
  const limit = filter.limit ?? Infinity;
  const ids = new Set<string>();
  if (limit === 0) return [];
  for await (const { instance } of listRuns(context, matchesQuery(filter, context.tenant))) {
    ids.add(instance.instance_id);
    if (ids.size >= limit) break;
  }
  return [...ids];
}

async function collect(runs: AsyncIterable<RunSummary>): Promise<readonly RunSummary[]> {
  const all: RunSummary[] = [];
  for await (const run of runs) all.push(run);
  return all;
}

/** The first query may have found a run that is over; only the status can have changed since. */
function matches(instance: InstanceSummary, filter: InstanceFilter): boolean {
  return filter.status === undefined || instance.status === filter.status;
}

function checkFilter(context: ClientContext, filter: InstanceFilter): void {
  const { limit, tenant_id: tenant } = filter;
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 0)) {
    throw new ChatFlowError('InvalidInputError', `The limit ${limit} is not a whole number from 0 up`);
  }
  if (context.tenant === null || tenant === undefined || tenant === context.tenant) return;
  throw new ChatFlowError('TenantAccessDeniedError', `This client sees the tenant ${context.tenant} only`);
}
