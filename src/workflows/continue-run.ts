/**
 * Continue-as-new, seen from nowhere: it comes at about 1,000 events or 200 inputs, at quiet points only (no activity
 * in flight, no handler unfinished). Older audit events move to the artifact store first; no state is lost with them.
 */
import { ActivityFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { EngineActivities } from '../activities/activity-types.js';
import { jsonSize } from '../json/json-size.js';
import type { Json } from '../json/json.js';
import { areWindowsHeldByOthers } from '../core/held-windows.js';
import { eventsSize } from '../core/refuse-growth.js';
import type { HistoryEvent } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import { countRunning } from '../core/tree-figures.js';
import type { Instance } from './instance.js';
import type { StartInput } from './messages.js';

const INPUTS_MARK = 200;
const EVENTS_MARK = 1000;
/** Up to here a foreach goes on in a run that cannot end: the server's own limit is 51,200. */
const RELEASE_EVENTS = 20_000;
/** How long the elements that are open may keep a run from ending before the next ones open in it. */
const DRAIN_PATIENCE_MS = 10_000;
/** Where the server begins to suggest it: it terminates an execution at 50 MiB. */
const BYTES_MARK = 4 * 1024 * 1024;
/** Fewer events than this stay in the state: a segment of its own would not be worth an activity. */
const ARCHIVE_EVENTS = 200;
/** Up to this many bytes the events may stay in the state, where the store does not answer. */
const CARRY_BYTES = 256 * 1024;
/** Of one segment: it is an activity's input, and Temporal takes 2 MiB. */
const SEGMENT_BYTES = 512 * 1024;

const { 'chatflow.writeHistorySegment': writeSegment } = proxyActivities<
  Pick<EngineActivities, 'chatflow.writeHistorySegment'>
>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '10 seconds', maximumAttempts: 5 },
});

/** Whether this run is long enough to be followed by another. */
export function isPastMark(instance: Instance): boolean {
  const { historyLength, historySize } = workflowInfo();
  if (instance.inputs >= INPUTS_MARK || historyLength >= EVENTS_MARK) return true;
  return instance.state.engine_version >= 6 && historySize >= BYTES_MARK;
}

/** Whether so many audit events lie in the state that they should move to the store. */
export function isHeavy(state: InstanceState): boolean {
  return state.engine_version >= 2 && eventsSize(state) >= CARRY_BYTES;
}

/** Whether something is in flight whose end the next run would not hear of; children end with their parent's run. */
export function isBusy(state: InstanceState): boolean {
  return state.running_activities > 0 || countRunning(state) > 0;
}

/** Nothing is in flight that the next run would not hear of. */
export function isQuiet(instance: Instance): boolean {
  return !isBusy(instance.state) && allHandlersFinished() && instance.hasDelivered;
}

/**
 * Carries the instance into its next run; returns only where it has closed, or is busy.
 * @returns whether the audit events have moved to the store
 */
export async function continueRun(instance: Instance): Promise<boolean> {
  if (isBusy(instance.state)) {
    await untilChildrenClose(instance);
    const isStillBusy = instance.state.engine_version < 6 || isBusy(instance.state);
    if (isStillBusy && !instance.state.draining) instance.apply({ type: 'drain_requested' });
    await condition(() => isQuiet(instance) || instance.state.closed_at !== null || isHeavy(instance.state));
  }
  const archived = await archiveEvents(instance);
  await condition(() => allHandlersFinished() && instance.hasDelivered);
  if (instance.state.closed_at !== null || isBusy(instance.state)) return archived;
  // What came meanwhile may be more than the next run's start can hold: then once more.
  const isChecked = !archived || instance.state.engine_version >= 2;
  if (isChecked && eventsSize(instance.state) > CARRY_BYTES) return archived;
  const input: Partial<StartInput> = { feature_id: instance.state.feature_id, continued: instance.state };
  return continueAsNew(input);
}

/** Children may be open for long: meanwhile all goes on but the next window of a foreach of children. */
async function untilChildrenClose(instance: Instance): Promise<void> {
  const isOver = (): boolean => countRunning(instance.state) === 0 || instance.state.closed_at !== null;
  if (instance.state.engine_version < 6) {
    if (isOver()) return;
    if (!instance.state.windows_held) instance.apply({ type: 'drain_requested', windows: true });
    return condition(() => isOver() || isHeavy(instance.state));
  }
  while (!isOver()) {
    if (!instance.state.windows_held) instance.apply({ type: 'drain_requested', windows: true });
    const isTime = (): boolean => isOver() || isHeavy(instance.state) || mayRelease(instance);
    const isDrained = await untilDrained(instance, isTime);
    if (isHeavy(instance.state)) {
      if (!(await archiveEvents(instance))) return condition(isOver);
    } else if (isDrained ? mayRelease(instance) : hasRoom()) {
      const mark = workflowInfo().historyLength + EVENTS_MARK;
      instance.apply({ type: 'drain_requested', windows: false });
      await condition(() => isOver() || isHeavy(instance.state) || workflowInfo().historyLength >= mark);
    }
  }
}

/** One slow element must not hold up all others: from version 7 on they wait for it so long, where there is room. */
async function untilDrained({ state }: Instance, isTime: () => boolean): Promise<boolean> {
  if (state.engine_version >= 7 && hasRoom()) return condition(isTime, DRAIN_PATIENCE_MS);
  await condition(isTime);
  return true;
}

function hasRoom(): boolean {
  return workflowInfo().historyLength < RELEASE_EVENTS;
}

/** A window has drained, and others than its children are open: as long as there is room, the next one opens here. */
function mayRelease({ state }: Instance): boolean {
  return hasRoom() && areWindowsHeldByOthers(state);
}

/**
 * Moves the audit events that are there now into segments; false where the store does not take them: then they stay in
 * the state. Those that come meanwhile wait for the next time, or a busy instance would never continue as new.
 */
export async function archiveEvents(instance: Instance): Promise<boolean> {
  const { tenant_id, instance_id, next_seq, engine_version } = instance.state;
  if (!isWorthASegment(instance.state)) return true;
  try {
    for (;;) {
      const there = instance.state.events.filter((event) => event.seq < next_seq);
      if (there.length === 0) return true;
      const events = engine_version < 2 ? there : firstEvents(there);
      const ref = await writeSegment({ tenant_id, instance_id, events });
      instance.apply({ type: 'history_archived', last_seq: events.at(-1)?.seq ?? 0, ref });
    }
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return false;
  }
}

function isWorthASegment(state: InstanceState): boolean {
  return state.events.length >= ARCHIVE_EVENTS || isHeavy(state);
}

/** As many of the events as one segment takes, at least one. */
function firstEvents(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  let bytes = 0;
  const end = events.findIndex((event) => (bytes += jsonSize(event as unknown as Json)) > SEGMENT_BYTES);
  return end < 0 ? events : events.slice(0, Math.max(1, end));
}

/** Whether a state came from a run before this one, and belongs to this instance. */
export function isOwnState(state: InstanceState): boolean {
  return state.instance_id === workflowInfo().workflowId;
}
