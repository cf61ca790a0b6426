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
/** The most instances whose age is asked for. */
const AGED = 1000;

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
    return collapseRuns(await collectRuns(context, runsQuery(filter, context.tenant)));
  }
  const found = await readInstances(context, await findIds(context, filter));
  return found.filter((instance) => matches(instance, filter));
}

/** Instances by their ids, newest first. */
async function readInstances(
  context: ClientContext,
  ids: readonly string[],
): Promise<readonly InstanceSummary[]> {
  const runs: RunSummary[] = [];
  for (let start = 0; start < ids.length; start += CHUNK) {
    runs.push(...(await collectRuns(context, idsQuery(ids.slice(start, start + CHUNK)))));
  }
  return collapseRuns(runs);
}

/** How many instances meet a filter; beyond its `limit` none is counted. May lag by a second. */
export async function countInstances(context: ClientContext, filter: InstanceFilter = {}): Promise<number> {
  checkFilter(context, filter);
  return (await findIds(context, filter)).length;
}

/**
 * The instances in which something waits, oldest first. Of more than a thousand, those whose latest run is the oldest:
 * what has waited for long is never hidden by what is new.
 */
export async function listWaiting(
  context: ClientContext,
  filter: InstanceFilter & Required<Pick<InstanceFilter, 'waiting_for'>>,
): Promise<readonly InstanceSummary[]> {
  checkFilter(context, filter);
  const runs = await collectRuns(context, matchesQuery(filter, context.tenant));
  if (runs.length === 0) await refuseWithoutAttributes(context);
  const oldest = runs.map(({ instance }) => instance).sort(byAge);
  const found = await readInstances(
    context,
    oldest.slice(0, AGED).map(({ instance_id: id }) => id),
  );
  return found.filter(({ closed_at: closedAt }) => closedAt === null).sort(byAge);
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
  await callTemporal(context, async () => {
    for await (const { instance } of listRuns(context, matchesQuery(filter, context.tenant))) {
      ids.add(instance.instance_id);
      if (ids.size >= limit) break;
    }
  });
  return [...ids];
}

function collectRuns(context: ClientContext, query: string): Promise<readonly RunSummary[]> {
  return callTemporal(context, async () => {
    const all: RunSummary[] = [];
    for await (const run of listRuns(context, query)) all.push(run);
    return all;
  });
}

function byAge(a: InstanceSummary, b: InstanceSummary): number {
  return a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0;
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
