import type { AgentTask } from './engine-link.js';

/** The data of the trigger that completes a task. */
export type Answer = Readonly<Record<string, unknown>>;

/** A task that has been done. */
export interface Done {
  readonly answer: Answer;
  /** What a model would have spent on it: an estimate by what the agent has read. */
  readonly tokens: number;
}

/** What an agent does with a task: real work on the tree, and an answer that fits the task's `expects`. */
export type Work = (task: AgentTask) => Promise<Done>;
