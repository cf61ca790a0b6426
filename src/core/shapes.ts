/**
 * The shapes that cross every boundary alike: Temporal, TypeScript, REST, CLI. snake_case JSON; times are ISO-8601
 * UTC strings, durations seconds, money US dollars. Wire contract: add optional fields, never rename.
 */
import type { Json, JsonObject } from '../json/json.js';
import type { ResourceQuota, TaskKind } from '../definition/definition.js';
import type { Problem } from './errors.js';

export type { Problem, ResourceQuota, TaskKind };

export type InstanceStatus =
  'created' | 'running' | 'paused' | 'completed' | 'failed' | 'terminated' | 'cancelled';

export type TaskStatus = 'pending' | 'open' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'superseded';

export type PhaseStatus =
  'pending' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled' | 'superseded';

export type WaitingFor = 'agent' | 'approval' | 'executor' | 'timer' | 'children';

export type ArtifactKind = 'prompt' | 'ai_response' | 'record' | 'output' | 'history';

/** Where a prompt, a response or older history lies; the content itself never enters Temporal's history. */
export interface ArtifactRef {
  readonly name: string;
  readonly uri: string;
  /** Hex digest of the bytes, checked on read. */
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  readonly phase?: string;
  readonly task?: string;
  readonly kind: ArtifactKind;
  readonly created_at: string;
}

export interface Usage {
  readonly tokens?: number;
  readonly cost_usd?: number;
}

export interface TriggerInput {
  readonly trigger_data?: JsonObject;
  readonly meta?: JsonObject;
  /** A task_id, or the short name of a task of the current visit. */
  readonly task?: string;
  /** `phase` or `phase#visit`, compared with the phase of the task it completes. */
  readonly expected_phase?: string;
  /** Idempotency key; the last 1,000 are remembered. Recommended: `<task_id>/<attempt>`. */
  readonly trigger_id?: string;
  readonly claim_id?: string;
  readonly outcome?: 'completed' | 'failed';
  readonly error?: Problem;
  readonly usage?: Usage;
  readonly artifacts?: readonly ArtifactRef[];
}

export interface TriggerResult {
  readonly instance_id: string;
  readonly status: InstanceStatus;
  readonly previous_phase: string | null;
  readonly current_phase: string | null;
  readonly waiting_for: WaitingFor | null;
  readonly applied: boolean;
  readonly duplicate: boolean;
  readonly progress: number;
  readonly error?: Problem;
}

export interface ClaimRequest {
  readonly agent_id: string;
  readonly task?: string;
  /** 1 to 86,400. */
  readonly lease_sec: number;
  readonly request_id?: string;
}

export interface LeaseRequest {
  readonly claim_id: string;
  readonly lease_sec?: number;
}

export interface RewindRequest {
  readonly phase: string;
  /** Merged into the variables, shallow. */
  readonly variables?: JsonObject;
  /** Shown to whoever does the phase again, as `meta.guidance` of its tasks. */
  readonly guidance?: string;
  readonly rerun_children?: boolean;
}

export interface RetryTaskRequest {
  readonly task: string;
  readonly guidance?: string;
  readonly resource_quota?: ResourceQuota;
}

export interface RetryRequest {
  readonly resource_quota?: ResourceQuota;
  readonly guidance?: string;
}

export interface SubworkflowRequest {
  readonly schema_id?: string;
  readonly schema?: JsonObject;
  readonly context?: JsonObject;
  readonly resource_quota?: ResourceQuota;
  readonly meta?: JsonObject;
  readonly request_id?: string;
  readonly on_failure?: 'continue' | 'fail';
}

export interface Task {
  /** `phase#visit/name`, with `[index]` in a `foreach`. */
  readonly task_id: string;
  readonly phase: string;
  readonly visit: number;
  readonly name: string;
  readonly kind: TaskKind;
  readonly text: string | null;
  readonly status: TaskStatus;
  readonly index?: number;
  readonly item?: Json;
  readonly instance_id?: string;
  readonly attempts: number;
  readonly opened_at: string | null;
  readonly closed_at: string | null;
  readonly claimed_by?: string;
  readonly claim_id?: string;
  readonly lease_expires_at?: string;
  readonly allowed_decisions?: readonly string[];
  /** What the open task waits for. */
  readonly waiting_for?: WaitingFor;
  /** The rendered `context` of the task, where the definition gives one. */
  readonly context?: Json;
  readonly meta?: JsonObject;
  /** JSON Schema that the trigger's data must fit. */
  readonly expects?: JsonObject;
  readonly error?: Problem;
  readonly timeout_at?: string;
}

/** One phase visited. */
export interface HistoryEntry {
  readonly phase: string;
  readonly visit: number;
  /** The text of the phase's task, or the names of its tasks. */
  readonly task: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly status: PhaseStatus;
  /** What closed the last task; beyond 1 kB `{ truncated, sha256, size_bytes }`. */
  readonly trigger_data_snapshot: Json;
  readonly trigger_id: string | null;
  readonly meta: JsonObject;
}

/** One entry of the audit stream: append-only, `seq` from 1 without gaps. */
export interface HistoryEvent {
  readonly seq: number;
  readonly event_type: string;
  readonly phase: string | null;
  readonly task: string | null;
  readonly timestamp: string;
  readonly data: JsonObject;
}

export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** The first `seq` in `events`; older events lie in `segments`. */
  readonly first_seq: number;
  readonly segments: readonly ArtifactRef[];
}

/** Why and where an instance failed. */
export interface Failure {
  readonly type: string;
  readonly message: string;
  readonly phase: string | null;
  readonly task: string | null;
  readonly details?: Json;
}

export interface UsageTotals {
  readonly tokens: number;
  readonly cost_usd: number;
  readonly elapsed_sec: number;
  /** When that was so, while it still grows. */
  readonly as_of?: string;
  readonly children: number;
  /** Tokens that were reported without a price: the cost is at least what it says. */
  readonly unpriced_tokens?: number;
}

export interface WorkflowState {
  readonly instance_id: string;
  readonly tenant_id: string;
  readonly feature_id: string;
  readonly workflow_name: string;
  readonly schema_version: string;
  readonly engine_version: number;
  readonly current_phase: string | null;
  readonly variables: JsonObject;
  readonly status: InstanceStatus;
  readonly waiting_for: WaitingFor | null;
  readonly tasks: readonly Task[];
  readonly parent_instance_id: string | null;
  readonly root_instance_id: string;
  readonly children: readonly string[];
  readonly recursion_depth: number;
  readonly resource_quota: ResourceQuota;
  readonly usage: UsageTotals;
  readonly automation_level: number;
  readonly history: readonly HistoryEntry[];
  readonly history_truncated: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly meta: JsonObject;
  readonly failure: Failure | null;
  /** Why it was cancelled or terminated, where whoever did it said so. */
  readonly reason?: string;
  /** What a finished instance returned. */
  readonly result?: Json;
  readonly artifacts: readonly ArtifactRef[];
}

export interface SubtreeUsage {
  readonly tokens: number;
  readonly cost_usd: number;
  /** Tokens that were reported without a price: the cost is at least what it says. */
  readonly unpriced_tokens?: number;
}

export interface WorkflowStatusInfo {
  readonly instance_id: string;
  readonly status: InstanceStatus;
  /** 0-1: phases behind it over phases in all. */
  readonly progress: number;
  readonly current_phase: string | null;
  readonly waiting_for: WaitingFor | null;
  readonly feature_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly depth: number;
  readonly child_count: number;
  readonly running_children: number;
  readonly failed_children: number;
  readonly completed_children: number;
  readonly terminated_children: number;
  readonly cancelled_children: number;
  /** Why it was cancelled or terminated, where whoever did it said so. */
  readonly reason?: string;
  /** Of its whole subtree; in a monitor. */
  readonly usage?: SubtreeUsage;
  /** Its own children, where a monitor was asked for more than one level. */
  readonly children?: readonly WorkflowStatusInfo[];
}

export interface WorkflowTreeStatus {
  readonly root_instance_id: string;
  readonly status: InstanceStatus;
  readonly total_nodes: number;
  readonly completed_nodes: number;
  readonly failed_nodes: number;
  readonly running_nodes: number;
  readonly terminated_nodes: number;
  readonly cancelled_nodes: number;
  readonly paused_nodes: number;
  readonly created_nodes: number;
  readonly max_depth: number;
  readonly execution_time_sec: number;
  readonly total_tokens: number;
  readonly total_cost_usd: number;
  /** Tokens that were reported without a price: the cost is at least what it says. */
  readonly unpriced_tokens?: number;
  readonly as_of: string;
}

export interface WorkflowTreeMonitor {
  readonly root: WorkflowStatusInfo;
  readonly tree_status: WorkflowTreeStatus;
  readonly children: readonly WorkflowStatusInfo[];
  readonly timestamp: string;
}

/** What a dry run of a start would do. */
export interface StartPlan {
  readonly phases: readonly {
    readonly name: string;
    readonly will: 'run' | 'skip' | 'unknown';
    readonly tasks: readonly {
      readonly name: string;
      readonly kind: TaskKind;
      /** null: an approval that the automation level decides by itself. */
      readonly waiting_for: WaitingFor | null;
    }[];
  }[];
  readonly automation_level: number;
  readonly max_recursion_depth: number;
  readonly resource_quota: ResourceQuota;
  readonly waiting_for: WaitingFor | null;
}

export interface WorkflowStartResult {
  readonly instance_id: string | null;
  readonly status: InstanceStatus;
  readonly current_phase: string | null;
  readonly feature_id: string;
  readonly workflow_name: string;
  readonly schema_version: string;
  readonly dry_run: boolean;
  readonly plan?: StartPlan;
}

export interface FeatureStatus {
  readonly feature_id: string;
  readonly total_instances: number;
  readonly created_count: number;
  readonly running_count: number;
  readonly paused_count: number;
  readonly completed_count: number;
  readonly failed_count: number;
  readonly terminated_count: number;
  readonly cancelled_count: number;
  readonly latest_instance_id: string | null;
  readonly status: 'completed' | 'in_progress';
}
