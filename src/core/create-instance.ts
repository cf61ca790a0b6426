import type { Definition, ResourceQuota } from '../definition/definition.js';
import type { JsonObject } from '../json/json.js';
import { ENGINE_VERSION } from './limits.js';
import type { SharedQuota } from './grant.js';
import type { InstanceState } from './state.js';

/** What an instance is made from: facts that the shell knows at its start. */
export interface InstanceFacts {
  /** Default: the version of this code. A workflow passes what its history says, so that a replay decides alike. */
  readonly engine_version?: number;
  readonly instance_id: string;
  readonly tenant_id: string;
  readonly feature_id: string;
  readonly parent_instance_id?: string | null;
  readonly root_instance_id?: string;
  readonly recursion_depth?: number;
  readonly definition: Definition;
  readonly definition_digest: string;
  readonly schema_digest?: string;
  readonly context: JsonObject;
  readonly meta?: JsonObject;
  readonly automation_level: number;
  readonly max_recursion_depth: number;
  readonly resource_quota: ResourceQuota;
  readonly shared_quota?: SharedQuota;
  readonly quota_above?: ResourceQuota;
  readonly quota_granted?: ResourceQuota;
  readonly report_sec?: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An instance before its first event, `instance_started`. */
export function createInstance(facts: InstanceFacts): InstanceState {
  return {
    engine_version: facts.engine_version ?? ENGINE_VERSION,
    instance_id: facts.instance_id,
    tenant_id: facts.tenant_id,
    feature_id: facts.feature_id,
    parent_instance_id: facts.parent_instance_id ?? null,
    root_instance_id: facts.root_instance_id ?? facts.instance_id,
    recursion_depth: facts.recursion_depth ?? 0,
    definition: facts.definition,
    definition_digest: facts.definition_digest,
    ...(facts.schema_digest === undefined ? {} : { schema_digest: facts.schema_digest }),
    status: 'created',
    paused: null,
    draining: false,
    automation_level: facts.automation_level,
    max_recursion_depth: facts.max_recursion_depth,
    resource_quota: facts.resource_quota,
    ...(facts.shared_quota === undefined ? {} : { shared_quota: facts.shared_quota }),
    ...(facts.quota_above === undefined ? {} : { quota_above: facts.quota_above }),
    ...(facts.quota_granted === undefined ? {} : { quota_granted: facts.quota_granted }),
    ...(facts.report_sec === undefined ? {} : { report_sec: facts.report_sec }),
    usage: { tokens: 0, cost_usd: 0 },
    clock: { started_at: facts.at, carried_ms: 0, paused_ms: 0 },
    created_at: facts.at,
    updated_at: facts.at,
    closed_at: null,
    variables: facts.context,
    meta: facts.meta ?? {},
    messages: [],
    phases: {},
    tasks: {},
    current: null,
    entry: null,
    ending: null,
    finally_done: false,
    failed_visit: null,
    failed_entry: null,
    reusable: {},
    failure: null,
    result: null,
    deadlines: {},
    queue: [],
    running_activities: 0,
    compensations: [],
    compensating: [],
    compensation_running: false,
    held: [],
    early: {},
    applied: [],
    visits: [],
    visits_truncated: false,
    events: [],
    segments: [],
    artifacts: [],
    next_seq: 1,
    next_order: 1,
    triggers: 0,
  };
}
