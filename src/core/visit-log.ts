/** The log of phases visited: bounded in entries and bytes; data beyond 1 kB is cut to its digest. */
import { digest } from '../json/canonical-json.js';
import { jsonSize } from '../json/json-size.js';
import type { Json } from '../json/json.js';
import type { PhaseDefinition } from '../definition/definition.js';
import { LIMITS } from './limits.js';
import type { HistoryEntry, PhaseStatus } from './shapes.js';
import type { CurrentVisit } from './state.js';
import { isoTime, type Turn } from './turn.js';

/** A value for the audit: whole up to 1 kB, beyond that its size and digest. */
export function snapshotValue(value: Json): Json {
  const bytes = jsonSize(value);
  return bytes <= LIMITS.snapshotBytes
    ? value
    : { truncated: true, size_bytes: bytes, sha256: digest(value) };
}

/** The entry of a visit, ended or (with null) still going on. */
export function visitEntry(
  visit: CurrentVisit,
  phase: PhaseDefinition,
  status: PhaseStatus,
  endedAt: number | null,
): HistoryEntry {
  return {
    phase: visit.phase,
    visit: visit.visit,
    task: describeWork(phase),
    started_at: isoTime(visit.started_at),
    ended_at: endedAt === null ? null : isoTime(endedAt),
    status,
    trigger_data_snapshot: snapshotValue(visit.trigger),
    trigger_id: visit.trigger_id,
    meta: visit.meta,
  };
}

function describeWork(phase: PhaseDefinition): string {
  const [first] = phase.tasks;
  if (phase.single && typeof first?.text === 'string') return first.text.slice(0, 200);
  return phase.tasks
    .map((task) => task.name)
    .join(', ')
    .slice(0, 200);
}

/** Appends to the log; the oldest entries leave it beyond 1,000 entries or 256 kB. */
export function logVisit(turn: Turn, entry: HistoryEntry): void {
  turn.append('visits', entry);
  const { visits } = turn.state;
  if (
    visits.length <= LIMITS.visitLog &&
    (visits.length < 100 || jsonSize(visits as unknown as Json) <= LIMITS.visitLogBytes)
  )
    return;
  turn.replace('visits', visits.slice(Math.ceil(visits.length / 10)));
  turn.state.visits_truncated = true;
}
