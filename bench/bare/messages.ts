/** The wire contract of the workflow written by hand, shared with its driver. */
import type { JsonObject } from '../../src/json/json.js';

export const BARE_WORKFLOW_TYPE = 'feature';
export const BARE_TASK_QUEUE = 'bench-bare';

/** Signal and update alike. */
export const ADVANCE = 'advance';
export const STATUS = 'status';

export interface FeatureInput {
  readonly feature_id: string;
  readonly variables: JsonObject;
}

export interface Advance {
  /** The phase that the caller has done: another one than the current is refused. */
  readonly phase: string;
  readonly data: JsonObject;
}

export interface FeatureStatus {
  readonly phase: string | null;
  readonly waiting: boolean;
  readonly progress: number;
}
