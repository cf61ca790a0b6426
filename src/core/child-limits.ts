/** The limits that a child begins with: what was granted, under its definition's own and the engine's. */
import type { ResourceQuota } from '../definition/definition.js';
import type { ParentLink } from './command.js';
import { sharedQuota, sharesOf } from './shared-quota.js';
import type { Grant } from './grant.js';
import type { InstanceState } from './state.js';
import type { Writable } from './turn.js';

/** @param defaults of its definition and of the engine */
export function limitsOfChild(
  { grant, engine_version }: Pick<ParentLink, 'grant' | 'engine_version'>,
  defaults: ResourceQuota,
): Pick<InstanceState, 'resource_quota' | 'shared_quota' | 'quota_above' | 'quota_granted'> {
  const resource_quota = childQuota(grant, defaults);
  if (engine_version < 7) return { resource_quota };
  const limits = { resource_quota, shared_quota: sharedQuota(grant, defaults, resource_quota) };
  return engine_version < 9
    ? limits
    : { ...limits, quota_above: quotaAbove(grant), quota_granted: grant.own };
}

/** What those above bound by what they have left themselves. A number of children bounds each level by itself. */
function quotaAbove(grant: Grant): ResourceQuota {
  const { max_duration_sec } = grant.left;
  return { ...sharesOf(grant), ...(max_duration_sec === undefined ? {} : { max_duration_sec }) };
}

/** The engine's defaults bound what nothing bounds: from version 7 on, not what those above share with a child. */
export function engineDefaults(
  { grant, engine_version }: Pick<ParentLink, 'grant' | 'engine_version'>,
  defaults: ResourceQuota,
): ResourceQuota {
  if (engine_version < 7) return defaults;
  return Object.fromEntries(
    Object.entries(defaults).filter(([name]) => grant.left[name as keyof ResourceQuota] === undefined),
  );
}

function childQuota(grant: Grant, defaults: ResourceQuota): ResourceQuota {
  const quota: Writable<ResourceQuota> = {};
  for (const name of ['max_tokens', 'max_cost_usd', 'max_duration_sec', 'max_children'] as const) {
    const left = grant.left[name];
    const own = grant.own[name];
    // Time passes for all alike; of the rest what was asked for is the child's own.
    const bounds = own === undefined || name === 'max_duration_sec' ? [own ?? defaults[name], left] : [own];
    const given = bounds.filter((bound) => bound !== undefined);
    if (given.length > 0) quota[name] = Math.min(...given);
  }
  // A number of children bounds each level by itself.
  if (grant.own.max_children === undefined && defaults.max_children !== undefined)
    quota.max_children = defaults.max_children;
  return quota;
}
