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
  RewindRequest,
  TriggerInput,
} from './shapes.js';

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
  | { readonly type: 'pause_requested'; readonly at: number; readonly reason: string | null }
  | { readonly type: 'resume_requested'; readonly at: number }
  | { readonly type: 'automation_level_set'; readonly at: number; readonly level: number }
  | { readonly type: 'quota_extended'; readonly at: number; readonly quota: ResourceQuota }
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
  /** The alarm fired: every deadline up to `due` has passed. */
  | { readonly type: 'deadline_passed'; readonly at: number; readonly due: number }
  | {
      readonly type: 'history_archived';
      readonly at: number;
      readonly last_seq: number;
      readonly ref: ArtifactRef;
    }
  /** Past the mark for continue-as-new: start no new activity until it has happened. */
  | { readonly type: 'drain_requested'; readonly at: number }
  | { readonly type: 'run_continued'; readonly at: number };
