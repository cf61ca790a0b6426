/** Facts that come in. Every event carries its time (`at`, milliseconds) and whatever randomness it needs. */
import type { ResourceQuota } from '../definition/definition.js';
import type { Json, JsonObject } from '../json/json.js';
import type {
  ArtifactRef,
  ClaimRequest,
  LeaseRequest,
  Problem,
  RetryRequest,
  RetryTaskRequest,
  InstanceStatus,
  RewindRequest,
  SubworkflowRequest,
  TriggerInput,
} from './shapes.js';
import type { LimitsTold } from './grant.js';
import type { SubtreeReport } from './child-state.js';

export type Via = 'signal' | 'update';

export type CoreEvent =
  | { readonly type: 'instance_started'; readonly at: number }
  | {
      readonly type: 'trigger_received';
      readonly at: number;
      readonly via: Via;
      readonly input: TriggerInput;
    }
  /** An input that was refused and must stand in the history: a signal, or what cannot be decoded. */
  | {
      readonly type: 'input_rejected';
      readonly at: number;
      readonly name: string;
      readonly problem: Problem;
      readonly trigger_id: string | null;
    }
  | {
      readonly type: 'task_claimed';
      readonly at: number;
      readonly claim_id: string;
      readonly request: ClaimRequest;
    }
  | { readonly type: 'lease_extended'; readonly at: number; readonly request: LeaseRequest }
  | { readonly type: 'task_released'; readonly at: number; readonly request: LeaseRequest }
  | { readonly type: 'artifacts_recorded'; readonly at: number; readonly refs: readonly ArtifactRef[] }
  | {
      readonly type: 'pause_requested';
      readonly at: number;
      readonly reason: string | null;
      /** All that is open below it, too. */
      readonly tree?: boolean;
      /** A quota above it was reached, and lets it go on by itself. */
      readonly by_quota?: boolean;
    }
  | {
      readonly type: 'resume_requested';
      readonly at: number;
      readonly tree?: boolean;
      readonly by_quota?: boolean;
    }
  | { readonly type: 'automation_level_set'; readonly at: number; readonly level: number }
  | { readonly type: 'quota_extended'; readonly at: number; readonly quota: ResourceQuota }
  /** What the one above says of limits; before version 9 only what its own have grown by. */
  | ({ readonly type: 'quota_raised'; readonly at: number } & LimitsTold)
  /** The parent's run has heard much: one report in so many seconds from now on. */
  | { readonly type: 'reports_slowed'; readonly at: number; readonly sec: number }
  | { readonly type: 'rewind_requested'; readonly at: number; readonly request: RewindRequest }
  | { readonly type: 'task_retried'; readonly at: number; readonly request: RetryTaskRequest }
  | { readonly type: 'retry_requested'; readonly at: number; readonly request: RetryRequest }
  | { readonly type: 'cancel_requested'; readonly at: number; readonly reason: string | null }
  | { readonly type: 'activity_completed'; readonly at: number; readonly key: string; readonly result: Json }
  | {
      readonly type: 'activity_failed';
      readonly at: number;
      readonly key: string;
      readonly problem: Problem;
      readonly usage?: JsonObject;
    }
  | {
      readonly type: 'subworkflow_requested';
      readonly at: number;
      readonly via: Via;
      readonly request: SubworkflowRequest;
    }
  | { readonly type: 'child_started'; readonly at: number; readonly instance_id: string }
  /** The server knows the id already: another one is drawn. */
  | { readonly type: 'child_id_taken'; readonly at: number; readonly instance_id: string }
  | {
      readonly type: 'child_closed';
      readonly at: number;
      readonly instance_id: string;
      readonly status: InstanceStatus;
      readonly result: Json;
      readonly problem: Problem | null;
      /** Absent where it was ended from outside. */
      readonly report?: SubtreeReport;
    }
  | {
      readonly type: 'child_reported';
      readonly at: number;
      readonly instance_id: string;
      readonly report: SubtreeReport;
    }
  | { readonly type: 'message_received'; readonly at: number; readonly from: string; readonly data: Json }
  | { readonly type: 'publish_requested'; readonly at: number; readonly data: Json }
  | {
      readonly type: 'message_requested';
      readonly at: number;
      readonly instance_id: string;
      readonly data: Json;
    }
  /** The alarm fired: every deadline up to `due` has passed. */
  | { readonly type: 'deadline_passed'; readonly at: number; readonly due: number }
  | {
      readonly type: 'history_archived';
      readonly at: number;
      readonly last_seq: number;
      readonly ref: ArtifactRef;
    }
  /** Past the mark for continue-as-new: start no new activity until it has happened. */
  | {
      readonly type: 'drain_requested';
      readonly at: number;
      /** Children are open, which may take long: only a foreach of children opens no further element. */
      readonly windows?: boolean;
    }
  | { readonly type: 'run_continued'; readonly at: number };
