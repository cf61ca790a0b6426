import { statusOf, progressOf, waitingForOf } from '../../src/core/summary.js';
import { resultOf } from '../../src/core/views.js';
import type { Failure } from '../../src/core/shapes.js';
import type { Json, JsonObject } from '../../src/json/json.js';
import { START_AT, type CoreDriver } from './core-driver.js';

/** What can be seen of an instance, in short forms that a case can write down. */
export interface Observation {
  readonly status: string;
  readonly current_phase: string | null;
  readonly waiting_for: string | null;
  readonly variables: JsonObject;
  /** What a completed instance returned; null before. */
  readonly result: Json;
  readonly failure: Failure | null;
  /** `plan#1 completed`, in order. */
  readonly visits: readonly string[];
  /** Ids of open tasks. */
  readonly open: readonly string[];
  /** Status by id of the tasks that are in the state. */
  readonly tasks: Readonly<Record<string, string>>;
  /** `schedule KEY ACTIVITY` and `cancel KEY`, in order, from the start on. */
  readonly commands: readonly string[];
  /** The inputs of what was scheduled, by key. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Types of the audit events, each with its task or phase. */
  readonly events: readonly string[];
  readonly meta: JsonObject;
  readonly usage: Json;
  readonly progress: number;
  /** Seconds from the start to the close; null while it is open. */
  readonly closed_after_sec: number | null;
}

export function observe(driver: CoreDriver): Observation {
  const { state } = driver;
  return {
    status: statusOf(state),
    current_phase: state.current?.phase ?? null,
    waiting_for: waitingForOf(state),
    variables: state.variables,
    result: state.status === 'completed' ? resultOf(state) : null,
    failure: state.failure,
    visits: driver.visits,
    open: driver.open,
    tasks: driver.taskStatuses,
    commands: driver.log,
    inputs: Object.fromEntries([...driver.schedules].map(([key, { input }]) => [key, input])),
    events: driver.eventTypes,
    meta: state.meta,
    usage: state.usage,
    progress: progressOf(state),
    closed_after_sec: state.closed_at === null ? null : (state.closed_at - START_AT) / 1000,
  };
}
