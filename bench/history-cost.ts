/** What a step leaves in Temporal's history: events and bytes, as the server counts them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { Contender, ContenderName, Mode } from './contender.js';
import { startInstance, takeStep } from './drive.js';
import { median, rounded } from './statistics.js';
import { INITIAL_CONTEXT, straightWalk, userBytes } from './walk.js';

export interface HistoryCost {
  /** From the first task's end to the close, the closing events included. */
  readonly events_per_step: number;
  /** Of these: shared upserts of search attributes, their timers, and the workflow tasks of such timers. */
  readonly upsert_events_per_step: number;
  /** Besides the user's own data, in triggers and in the result. */
  readonly bytes_per_step: number;
  /** Of an instance that has started and waits for its first trigger. */
  readonly start_events: number;
  readonly start_bytes: number;
}

export interface HistoryPlan {
  readonly mode: Mode;
  /** Between one step and the next: 0 shares one upsert among all, above a second each step may have its own. */
  readonly paceMs: number;
  readonly instances: number;
  readonly label: string;
}

/** Medians over a few instances, all of them in flight at once. */
async function measureHistory(client: Client, contender: Contender, plan: HistoryPlan): Promise<HistoryCost> {
  const ids = Array.from(
    { length: plan.instances },
    (_, index) => `${plan.label}-${contender.name}-${index}`,
  );
  const costs = await Promise.all(ids.map((id) => measureInstance(client, contender, plan, id)));
  const of = (key: keyof HistoryCost): number => rounded(median(costs.map((cost) => cost[key])));
  return {
    events_per_step: of('events_per_step'),
    upsert_events_per_step: of('upsert_events_per_step'),
    bytes_per_step: of('bytes_per_step'),
    start_events: of('start_events'),
    start_bytes: of('start_bytes'),
  };
}

async function measureInstance(
  client: Client,
  contender: Contender,
  plan: HistoryPlan,
  id: string,
): Promise<HistoryCost> {
  const handle = await startInstance(client, contender, id);
  await handle.query(contender.statusQuery); // answered behind the first workflow task
  const start = await sizeOf(handle);
  const steps = straightWalk();
  for (const step of steps) {
    if (plan.paceMs > 0) await pause(plan.paceMs);
    await takeStep(handle, contender, { mode: plan.mode, step });
  }
  const result: unknown = await handle.result();
  const end = await sizeOf(handle);
  const ownBytes = userBytes(steps) + (isUsersOwn(result) ? Buffer.byteLength(JSON.stringify(result)) : 0);
  return {
    events_per_step: (end.events - start.events) / steps.length,
    upsert_events_per_step: (await countUpsertEvents(handle, start.events)) / steps.length,
    bytes_per_step: (end.bytes - start.bytes - ownBytes) / steps.length,
    start_events: start.events,
    start_bytes: start.bytes,
  };
}

/** The variables of the instance: both sides return them. */
function isUsersOwn(result: unknown): boolean {
  return (
    typeof result === 'object' &&
    result !== null &&
    Object.keys(INITIAL_CONTEXT).every((key) => key in result)
  );
}

async function sizeOf(handle: WorkflowHandleWithStartDetails): Promise<{ events: number; bytes: number }> {
  const description = await handle.describe();
  return { events: description.historyLength, bytes: description.historySize ?? 0 };
}

/** Numbers of Temporal's API: `EventType` in `temporal/api/enums/v1/event_type.proto`. */
const EVENT_TYPE = {
  taskScheduled: 5,
  taskStarted: 6,
  taskCompleted: 7,
  timerStarted: 17,
  timerFired: 18,
  timerCanceled: 19,
  upsert: 40,
};

async function countUpsertEvents(handle: WorkflowHandleWithStartDetails, after: number): Promise<number> {
  const { events } = await handle.fetchHistory();
  const types = (events ?? []).slice(after).map((event) => Number(event.eventType));
  const { timerStarted, timerFired, timerCanceled, upsert } = EVENT_TYPE;
  const own: readonly number[] = [timerStarted, timerFired, timerCanceled, upsert];
  const alone = types.filter(
    (type, index) => type === timerFired && types[index + 1] === EVENT_TYPE.taskScheduled,
  );
  return types.filter((type) => own.includes(type)).length + alone.length * 3;
}

export interface HistoryComparison {
  readonly ours: HistoryCost;
  readonly bare: HistoryCost;
  readonly events_ratio: number;
  readonly bytes_ratio: number;
  /** Events of ours that are no shared upsert, less those of bare. */
  readonly own_events_more: number;
}

/** Both sides, one after the other. */
export async function compareHistories(
  client: Client,
  contenders: Readonly<Record<ContenderName, Contender>>,
  plan: HistoryPlan,
): Promise<HistoryComparison> {
  const ours = await measureHistory(client, contenders.ours, plan);
  const bare = await measureHistory(client, contenders.bare, plan);
  return {
    ours,
    bare,
    events_ratio: rounded(ours.events_per_step / bare.events_per_step),
    bytes_ratio: rounded(ours.bytes_per_step / bare.bytes_per_step),
    // Fractions of a step don't add up exactly.
    own_events_more:
      Math.round((ours.events_per_step - ours.upsert_events_per_step - bare.events_per_step) * 100) / 100,
  };
}
