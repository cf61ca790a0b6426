/** The limit of a state: what would pass it is refused, fails its task, or fails the instance. */
import { jsonGrowthBound, jsonSizeDelta } from '../json/json-growth.js';
import { jsonSize } from '../json/json-size.js';
import { isJsonObject, type Json, type JsonObject } from '../json/json.js';
import type { Problem } from './errors.js';
import type { CoreEvent } from './event.js';
import { LIMITS } from './limits.js';
import type { InstanceState } from './state.js';

/** Longest message that a failure keeps where its details had no room. */
const MESSAGE_CHARS = 2000;

/** What becomes of an event after which the state is too large. */
export type Growth =
  | { readonly type: 'refuse'; readonly problem: Problem }
  /** The task fails in place of what came in. */
  | { readonly type: 'replace'; readonly event: CoreEvent }
  | { readonly type: 'fail_instance'; readonly problem: Problem }
  | { readonly type: 'accept' };

/** What is known of a state's size: a bound from above, or the size itself. */
interface KnownSize {
  readonly bytes: number;
  readonly isExact: boolean;
}

/** Measured only where a bound comes to the limit; a state that is large then is measured by what changes from there. */
const known = new WeakMap<InstanceState, KnownSize>();

/** From here on a bound would come to the limit again and again. */
const LARGE_BYTES = LIMITS.stateBytes / 4;

/** Whether the state has grown beyond its limit. */
export function outgrows(before: InstanceState, after: InstanceState): boolean {
  if (before === after) return false;
  const was = known.get(before) ?? measure(before);
  if (was.isExact && was.bytes >= LARGE_BYTES) {
    const grown = jsonSizeDelta(mapOf(before), mapOf(after), 'events');
    known.set(after, { bytes: was.bytes + grown, isExact: true });
    return grown > 0 && was.bytes + grown > LIMITS.stateBytes;
  }
  const bound = was.bytes + jsonGrowthBound(mapOf(before), mapOf(after), 'events');
  known.set(after, { bytes: bound, isExact: false });
  if (bound <= LIMITS.stateBytes) return false;
  const { bytes } = measure(after);
  return bytes > LIMITS.stateBytes && bytes > measure(before).bytes;
}

/** What is known of a state holds of the same with less in it: it need not be measured anew. */
export function carrySize(before: InstanceState, after: InstanceState): void {
  const size = known.get(before);
  // A counter of activities may have gained a digit.
  if (size) known.set(after, { bytes: size.bytes + 1, isExact: false });
}

function mapOf(state: InstanceState): JsonObject {
  return state as unknown as JsonObject;
}

function measure(state: InstanceState): KnownSize {
  const size: KnownSize = { bytes: stateSize(state), isExact: true };
  known.set(state, size);
  return size;
}

/** Without the audit events: they move to the artifact store, and have a limit of their own. */
function stateSize(state: InstanceState): number {
  return jsonSize(state as unknown as Json) - eventsSize(state);
}

/** Bytes of the audit events that lie in the state, as JSON. */
export function eventsSize({ events }: InstanceState): number {
  return jsonSize(events as unknown as Json);
}

/** What grows only by the record of itself, or makes room. */
const HARMLESS = new Set<CoreEvent['type']>([
  'input_rejected',
  'pause_requested',
  'cancel_requested',
  'lease_extended',
  'task_released',
  'history_archived',
  'drain_requested',
  'child_started',
  'child_id_taken',
  'child_reported',
  'reports_slowed',
]);

/** What steers an instance: a state at its limit still has room for it, for it may be the way out. */
const STEERING = new Set<CoreEvent['type']>([
  'quota_extended',
  'quota_raised',
  'resume_requested',
  'automation_level_set',
  'task_claimed',
  'rewind_requested',
  'task_retried',
]);
const STEERING_ROOM_BYTES = 16 * 1024;
/** For what closes the instance: it grows no more. */
const CLOSING_ROOM_BYTES = 64 * 1024;

/** How far beyond the limit an event may lead. */
function roomFor({ type }: CoreEvent, { engine_version, closed_at }: InstanceState): number {
  if (engine_version < 4) return 0;
  if (closed_at !== null) return CLOSING_ROOM_BYTES;
  return STEERING.has(type) ? STEERING_ROOM_BYTES : 0;
}

/** What a client sends, and can send again: it is refused whole. */
const REFUSABLE = new Set<CoreEvent['type']>([
  'trigger_received',
  'artifacts_recorded',
  'rewind_requested',
  'task_claimed',
  'task_retried',
  'retry_requested',
  'automation_level_set',
  'subworkflow_requested',
  'message_received',
  'publish_requested',
  'message_requested',
]);

export function judgeGrowth(event: CoreEvent, before: InstanceState, after: InstanceState): Growth {
  if (HARMLESS.has(event.type)) return { type: 'accept' };
  const limit = LIMITS.stateBytes;
  const room = roomFor(event, after);
  if (room > 0 && stateSize(after) <= limit + room) return { type: 'accept' };
  const problem: Problem = {
    type: 'PayloadTooLargeError',
    message: `The state of the instance would pass ${limit} bytes of JSON: keep large data in artifacts and send references; a trigger that overwrites a large variable makes room`,
    details: { limit, size_bytes: known.get(after)?.bytes ?? stateSize(after) },
  };
  if (REFUSABLE.has(event.type) || (after.engine_version >= 4 && STEERING.has(event.type)))
    return { type: 'refuse', problem };
  const replaced = replaceResult(event, problem, before);
  if (replaced) return { type: 'replace', event: replaced };
  return after.closed_at === null ? { type: 'fail_instance', problem } : { type: 'accept' };
}

/** A result that is too large fails its task; a failure that is loses its details. */
function replaceResult(event: CoreEvent, problem: Problem, before: InstanceState): CoreEvent | null {
  if (event.type === 'activity_completed') {
    const { at, key, result } = event;
    const spent = isJsonObject(result) && isJsonObject(result['usage']) ? { usage: result['usage'] } : {};
    return { type: 'activity_failed', at, key, problem, ...spent };
  }
  if (event.type === 'child_closed') return replaceEnd(event, problem, before);
  if (event.type !== 'activity_failed' || event.problem.type === problem.type) return null;
  const { details, ...rest } = event.problem;
  if (details === undefined && rest.message.length <= MESSAGE_CHARS) return null;
  return { ...event, problem: { ...rest, message: rest.message.slice(0, MESSAGE_CHARS) } };
}

/** A child's result that is too large fails its task; the figures of its subtree are kept. */
function replaceEnd(
  event: Extract<CoreEvent, { type: 'child_closed' }>,
  problem: Problem,
  { engine_version, children }: InstanceState,
): CoreEvent | null {
  if (event.problem?.type === problem.type && event.result === null) return null;
  const isAwaited = engine_version < 6 || children?.[event.instance_id]?.task !== undefined;
  // One that no task waits for has completed, whatever became of its result.
  const status = event.status === 'completed' && isAwaited ? 'failed' : event.status;
  return { ...event, status, result: null, problem };
}
