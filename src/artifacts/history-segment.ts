/** Older events of an instance's audit stream, moved out of its state in segments. */
import { ChatFlowError } from '../core/errors.js';
import type { ArtifactRef, HistoryEvent } from '../core/shapes.js';
import { isJsonObject } from '../json/json.js';
import { historyKey, versionKey, type InstancePlace } from './artifact-layout.js';
import { readArtifact, refTo } from './artifact-ref.js';
import type { ArtifactStore } from './artifact-store.js';
import { sha256 } from './sha256.js';

function checkEvents(events: readonly HistoryEvent[]): {
  readonly first: HistoryEvent;
  readonly last: HistoryEvent;
} {
  const first = events[0];
  const last = events.at(-1);
  if (first === undefined || last === undefined) {
    throw new ChatFlowError('InvalidInputError', 'A history segment holds at least one event');
  }
  const gap = events.findIndex((event, index) => event.seq !== first.seq + index);
  if (gap === -1 && Number.isSafeInteger(first.seq) && first.seq > 0) return { first, last };
  throw new ChatFlowError(
    'InvalidInputError',
    `The events of a history segment must be numbered without gaps`,
    {
      index: gap,
      first_seq: first.seq,
    },
  );
}

/** One event a line, for people and for `grep`. */
function serialize(place: InstancePlace, events: readonly HistoryEvent[]): string {
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  const head = `{"instance_id":${JSON.stringify(place.instance_id)},"events":[\n`;
  return `${head}${lines}\n]}\n`;
}

/**
 * Writes a segment, once: the same events again give the same reference. Other events under the same numbers (a run
 * that was reset) lie beside the first ones.
 * @throws ChatFlowError `InvalidInputError`, `PayloadTooLargeError`
 */
export async function writeHistorySegment(
  store: ArtifactStore,
  place: InstancePlace,
  events: readonly HistoryEvent[],
): Promise<ArtifactRef> {
  const { first, last } = checkEvents(events);
  const content = Buffer.from(serialize(place, events), 'utf8');
  const facts = { kind: 'history', created_at: last.timestamp } as const;
  const key = historyKey(place, first.seq, last.seq);
  if ((await store.put(key, content)) === 'written') return refTo(key, content, facts);
  if (sha256(await store.get(key)) === sha256(content)) return refTo(key, content, facts);
  const beside = versionKey(key, sha256(content));
  await store.put(beside, content);
  return { ...refTo(beside, content, facts), media_type: 'application/json' };
}

/**
 * The events of a segment, in order, checked against the reference's sha256.
 * @throws ChatFlowError `ArtifactNotFoundError`, `ArtifactCorruptError`, `TenantAccessDeniedError`
 */
export async function readHistorySegment(
  store: ArtifactStore,
  ref: ArtifactRef,
  owner?: InstancePlace,
): Promise<readonly HistoryEvent[]> {
  const content = await readArtifact(store, ref, owner);
  const value: unknown = JSON.parse(Buffer.from(content).toString('utf8'));
  const events = isJsonObject(value) ? value['events'] : undefined;
  // The digest has been checked, so what is in there is what writeHistorySegment wrote.
  if (Array.isArray(events)) return events as readonly HistoryEvent[];
  throw new ChatFlowError('ArtifactCorruptError', `${ref.name} is no history segment`, { uri: ref.uri });
}
