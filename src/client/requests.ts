/** What the client's methods take and return besides the shapes of src/core/shapes.ts. snake_case JSON, like those. */
import type { InstanceStatus, ResourceQuota, Task, TriggerInput } from '../core/shapes.js';
import type { JsonObject } from '../json/json.js';

/** What a new instance is made of. */
export interface StartRequest {
  /** The definition: a document, or its YAML (or JSON) text. Exactly one of `schema` and `schema_id` is given. */
  readonly schema?: JsonObject | string;
  /** Where the text of `schema` came from: names the file in diagnostics. */
  readonly schema_file?: string;
  /** `name` or `name@version` of a definition in the configured folders. */
  readonly schema_id?: string;
  readonly initial_context?: JsonObject;
  /** What the instance belongs to; default: the definition's name. At most 255 characters. */
  readonly feature_id?: string;
  /** Default: the client's tenant, or `default`. */
  readonly tenant_id?: string;
  readonly meta?: JsonObject;
  readonly resource_quota?: ResourceQuota;
  /** 0 to 100. */
  readonly automation_level?: number;
  /** Checks everything and answers with a `plan`; nothing is started and no server is needed. */
  readonly dry_run?: boolean;
}

/** A trigger, or with `dry_run` the question what it would do. */
export interface TriggerRequest extends TriggerInput {
  readonly dry_run?: boolean;
}

/** Filters of a list; all that are given must hold. */
export interface InstanceFilter {
  readonly feature_id?: string;
  /** A definition's `name`, or `name@version`. */
  readonly schema?: string;
  readonly status?: InstanceStatus;
  readonly phase?: string;
  /** A kind (`agent`, `approval`…) or `kind:phase` of an open task; of several, one must be. */
  readonly waiting_for?: string | readonly string[];
  readonly tenant_id?: string;
  /** The most instances to return, newest first; default all. */
  readonly limit?: number;
}

/** One row of a list, from Temporal's visibility: it may lag by a second. */
export interface InstanceSummary {
  readonly instance_id: string;
  readonly tenant_id: string;
  readonly feature_id: string;
  readonly workflow_name: string;
  readonly schema_version: string;
  readonly status: InstanceStatus;
  readonly current_phase: string | null;
  /** The distinct `kind` and `kind:phase` of the open tasks; empty once it has closed. */
  readonly waiting_for: readonly string[];
  readonly parent_instance_id: string | null;
  readonly depth: number;
  readonly tokens: number;
  readonly cost_usd: number;
  /** Tokens that came without a price: what they cost is in no sum. Absent where all have one. */
  readonly unpriced_tokens?: number;
  readonly created_at: string;
  readonly closed_at: string | null;
}

export interface TaskFilter extends Omit<InstanceFilter, 'status' | 'limit' | 'waiting_for'> {
  /** Only tasks that wait for one of these; default both. */
  readonly waiting_for?: 'agent' | 'approval';
  /**
   * The most instances to look into; default 100. Of more, the oldest ones in which an agent is waited for, and those
   * in which an approval is, by turns.
   */
  readonly limit?: number;
}

/** An open task that waits for an agent or a person, with the instance it stands in. */
export interface WaitingTask {
  readonly instance_id: string;
  readonly feature_id: string;
  readonly workflow_name: string;
  readonly task: Task;
}

export interface WatchOptions {
  /** Ends the watch: the iterator then simply finishes. */
  readonly signal?: AbortSignal;
}

export interface HistoryOptions {
  /** Only events with a greater `seq`. */
  readonly after?: number;
}

export interface MonitorOptions {
  /** How many levels of children are shown; default 1. */
  readonly depth?: number;
}

export interface PauseRequest {
  readonly reason?: string;
  /** The children too. */
  readonly tree?: boolean;
}

export interface ResumeRequest {
  readonly tree?: boolean;
}
