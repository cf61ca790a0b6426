/**
 * The wire contract of the workflow `chatflow`: names and argument shapes of its start, signals, updates and queries.
 * Others' clients are written against it: add optional fields, never rename. Plain constants, so that a client needs
 * nothing of the workflow SDK.
 */
import type { Definition, ResourceQuota } from '../definition/definition.js';
import type { Json, JsonObject } from '../json/json.js';
import type { ParentLink } from '../core/command.js';
import type { SubtreeReport } from '../core/child-state.js';
import type { InstanceState } from '../core/state.js';
import type { RetryRequest } from '../core/shapes.js';

export const WORKFLOW_TYPE = 'chatflow';
export const TASK_QUEUE = 'chatflow';

/** A definition that has been resolved, checked and normalised, with what the engine's configuration adds to it. */
export interface PreparedDefinition {
  readonly definition: Definition;
  /** `definitionDigest(definition)`: recomputed in the workflow; one that differs is prepared afresh. */
  readonly digest: string;
  /** Of a child's that was found by its name: the digest of its text in the store. */
  readonly schema_digest?: string;
  /** `initial_context` with the defaults of `input` filled in. */
  readonly context: JsonObject;
  /** What the configuration decides, pinned in the instance. */
  readonly settings: EngineSettings;
}

export interface EngineSettings {
  /** The meaning that the instance is pinned to: `ENGINE_VERSION` of whoever prepared it. Absent: 1. */
  readonly engine_version?: number;
  readonly max_recursion_depth: number;
  readonly default_automation_level: number;
  readonly default_resource_quota: ResourceQuota;
}

/** The one argument of the workflow. `temporal workflow start` and other languages send it as JSON. */
export interface StartInput {
  /** The definition itself, as a document; or `schema_id`, `name` or `name@version` in the worker's registry. */
  readonly schema?: JsonObject;
  readonly schema_id?: string;
  /** The engine's own: a child's inline definition, in the store under its digest. */
  readonly schema_digest?: string;
  readonly initial_context?: JsonObject;
  readonly feature_id: string;
  readonly tenant_id?: string;
  readonly meta?: JsonObject;
  readonly resource_quota?: ResourceQuota;
  readonly automation_level?: number;
  readonly prepared?: PreparedDefinition;
  /** The engine's own: what a child knows of the instance above it. */
  readonly child?: ParentLink;
  /** The engine's own: the state carried over continue-as-new. */
  readonly continued?: InstanceState;
  /** The engine's own: a closed instance's snapshot, to go on from where it failed. */
  readonly retried?: { readonly state: InstanceState; readonly request: RetryRequest };
}

/** What a child returns to its parent: its result, and what its subtree has come to. */
export interface ChildResult {
  readonly chatflow_child: 1;
  readonly result: Json;
  readonly report: SubtreeReport;
}

/** Names that are signals and updates alike. */
export const SIGNALS = [
  'trigger_next_step',
  'trigger_batch',
  'create_subworkflow',
  'record_artifacts',
  'pause',
  'resume',
  'set_automation_level',
  'extend_quota',
  'publish_to_parent',
  'message_child',
] as const;
export type SignalName = (typeof SIGNALS)[number];

export const UPDATES = [
  'trigger_next_step',
  'trigger_batch',
  'create_subworkflow',
  'claim_task',
  'heartbeat_task',
  'release_task',
  'record_artifacts',
  'pause',
  'resume',
  'set_automation_level',
  'extend_quota',
  'rewind',
  'retry_task',
] as const;
export type UpdateName = (typeof UPDATES)[number];

export const QUERIES = [
  'get_workflow_state',
  'get_workflow_status_info',
  'get_workflow_tree_status',
  'monitor_workflow_tree',
  'get_history',
  'preview_next_step',
  'get_snapshot',
  /** The engine's own: what one that was ended from outside had come to. */
  'get_left_behind',
] as const;
export type QueryName = (typeof QUERIES)[number];

/** What lies in the store as an instance's closing snapshot, and what the query `get_snapshot` answers. */
export interface Snapshot {
  readonly snapshot_version: 1;
  readonly run_id: string;
  readonly state: InstanceState;
}

/** Whose snapshot it is, and of which end (`ended_at`: milliseconds since the epoch). */
export interface SnapshotPlace {
  readonly tenant_id: string;
  readonly instance_id: string;
  readonly run_id: string;
  readonly ended_at: number;
}

/**
 * What the worker does beside Temporal: it keeps the closing snapshot, awaited before the closing task is answered. The
 * snapshot is handed over as JSON: as an object, copying it between threads took longer than all else about it (ADR 8).
 */
export type SnapshotSinks = Readonly<
  Record<'chatflow', Record<'writeSnapshot', (place: SnapshotPlace, json: string) => void>>
>;
