/** The two sides of the comparison, as data: one driver drives both, in the same way. */
import type { WorkflowStartOptions } from '@temporalio/client';
import type { JsonObject } from '../src/json/json.js';

export type ContenderName = 'ours' | 'bare';
export type Mode = 'update' | 'signal';
export const MODES: readonly Mode[] = ['update', 'signal'];

/** One trigger of the walk through the five phases. */
export interface Step {
  readonly phase: string;
  /** Which visit of the phase it is, from 1. */
  readonly visit: number;
  /** The phase that is current once it is applied; null: the instance has ended. */
  readonly next: string | null;
  /** The user's own data. */
  readonly data: JsonObject;
}

export interface Contender {
  readonly name: ContenderName;
  readonly workerModule: URL;
  readonly workflowType: string;
  /** Names the signal and the update alike. */
  readonly trigger: string;
  readonly statusQuery: string;
  /** Everything that a start needs but the id. */
  readonly startOptions: (id: string) => Omit<WorkflowStartOptions, 'workflowId'>;
  readonly triggerArgument: (step: Step) => object;
  /** The current phase in the answer of the update or of the query; null once there is none. */
  readonly phaseIn: (answer: unknown) => string | null;
}
