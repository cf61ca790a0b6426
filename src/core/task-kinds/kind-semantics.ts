import type { TaskDefinition } from '../../definition/definition.js';
import type { WaitingFor } from '../shapes.js';
import type { TaskState } from '../state.js';
import type { Turn } from '../turn.js';

/** What tells one kind of task from another. */
export interface KindSemantics {
  /** Begins an attempt: the task is open, its text and context are rendered. */
  begin(turn: Turn, task: TaskState, definition: TaskDefinition): void;
  /** What such a task waits for at first, as far as a plan can know. */
  readonly waits: WaitingFor;
  /** Seconds until it times out, where the definition says nothing. */
  readonly defaultTimeoutSec?: number;
  /** Who may name it in a trigger: anyone, by any name; or only by its full task_id or claim_id. */
  readonly answeredBy: 'any-name' | 'full-name';
}
