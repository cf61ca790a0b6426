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
import type { InstanceState } from '../core/state.js';
import type { Instance } from './instance.js';
import type { StartInput } from './messages.js';

const INPUTS_MARK = 200;
const EVENTS_MARK = 1000;
/** Fewer events than this stay in the state: a segment of its own would not be worth an activity. */
const ARCHIVE_EVENTS = 200;
/** Up to this many bytes the events may stay in the state, where the store does not answer. */
const CARRY_BYTES = 256 * 1024;

const { 'chatflow.writeHistorySegment': writeSegment } = proxyActivities<
  Pick<EngineActivities, 'chatflow.writeHistorySegment'>
>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '10 seconds', maximumAttempts: 5 },
});

/** Whether this run is long enough to be followed by another. */
export function isPastMark(instance: Instance): boolean {
  return instance.inputs >= INPUTS_MARK || workflowInfo().historyLength >= EVENTS_MARK;
}

/** Nothing is in flight that the next run would not hear of. */
export function isQuiet(instance: Instance): boolean {
  return instance.state.running_activities === 0 && allHandlersFinished();
}

/** Carries the instance into its next run; returns only where it has closed, or become busy, meanwhile. */
export async function continueRun(instance: Instance): Promise<void> {
  if (instance.state.running_activities > 0) {
    if (!instance.state.draining) instance.apply({ type: 'drain_requested' });
    await condition(() => isQuiet(instance) || instance.state.closed_at !== null);
  }
  const archived = await archiveEvents(instance);
  await condition(() => allHandlersFinished());
  if (instance.state.closed_at !== null || instance.state.running_activities > 0) return;
  if (!archived && jsonSize(instance.state.events as unknown as Json) > CARRY_BYTES) return;
  const input: Partial<StartInput> = { feature_id: instance.state.feature_id, continued: instance.state };
  await continueAsNew(input);
}

/** Moves the audit events into a segment; false where the store does not take them: then they stay in the state. */
async function archiveEvents(instance: Instance): Promise<boolean> {
  const { events, tenant_id, instance_id } = instance.state;
  const last = events.at(-1);
  if (!last || events.length < ARCHIVE_EVENTS) return true;
  try {
    const ref = await writeSegment({ tenant_id, instance_id, events });
    instance.apply({ type: 'history_archived', last_seq: last.seq, ref });
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return false;
  }
}

/** Whether a state came from a run before this one, and belongs to this instance. */
export function isOwnState(state: InstanceState): boolean {
  return state.instance_id === workflowInfo().workflowId;
}
