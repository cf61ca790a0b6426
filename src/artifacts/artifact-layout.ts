/**
 * Where what lies. A person finds an instance's work by looking:
 *
 *   <tenant>/instances/<instance_id>/tasks/<phase>.json              the record: last written, names the others' checksums
 *                                         /<phase>.prompt.md
 *                                         /<phase>.ai_response.md
 *                                         /versions/<file>.<sha256>   what a later save of the same task replaced
 *                                   /history/<first>-<last>.json      older events of the audit stream
 *                                   /snapshots/<closed_at>-<run>.json state at the end of each run
 *   <tenant>/definitions/<sha256>.json                              inline definitions of children
 *
 * L1 A task's stem is `<phase>[.<visit>][.<task>[.<index>]]`: the visit where it is not the first, the task where it
 *    has a name of its own. Names hold no dot and begin with no digit, so two tasks never share a stem.
 * L2 Names that differ in upper and lower case only need a file system that tells them apart.
 */
import { ChatFlowError } from '../core/errors.js';
import { encodeKeySegment } from './artifact-key.js';
import { sha256 } from './sha256.js';

export interface InstancePlace {
  readonly tenant_id: string;
  readonly instance_id: string;
}

/** One task of one visit. */
export interface TaskPlace extends InstancePlace {
  readonly phase: string;
  /** >= 1; default 1. */
  readonly visit?: number;
  /** Default: the phase's own task. */
  readonly task?: string;
  /** In a `foreach`: >= 0. */
  readonly index?: number;
}

/** The files of a task's artifacts, by their ending. */
export const TASK_FILES = { record: '.json', prompt: '.prompt.md', ai_response: '.ai_response.md' } as const;
export type TaskFile = keyof typeof TASK_FILES;

const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const TASK_ID = /^([^#/[\]]+)(?:#([0-9]+))?(?:\/([^#/[\]]+)(?:\[([0-9]+)\])?)?$/;
const SEQ_DIGITS = 10;

const SHOWN_CHARS = 80;

/** What a caller gave may be anything, a bigint or a circle included. */
function show(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'object' && value !== null ? 'a map' : String(value);
  return JSON.stringify(value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value);
}

function refusePlace(field: string, value: unknown): never {
  throw new ChatFlowError('InvalidInputError', `${field} cannot be ${show(value)}`, { field });
}

function checkName(field: string, name: string): void {
  if (typeof name !== 'string' || !NAME.test(name)) refusePlace(field, name);
}

function checkCount(field: string, count: number, least: number): void {
  if (!Number.isSafeInteger(count) || count < least) refusePlace(field, count);
}

/** The folder of everything an instance leaves, with a `/` at its end. */
export function instancePrefix(place: InstancePlace): string {
  return `${encodeKeySegment(place.tenant_id)}/instances/${encodeKeySegment(place.instance_id)}/`;
}

/** The folder of a kind of artifacts, with a `/` at its end. */
export function folderPrefix(
  place: InstancePlace,
  folder: 'tasks' | 'history' | 'snapshots' | 'left-behind',
): string {
  return `${instancePrefix(place)}${folder}/`;
}

/**
 * The common beginning of a task's file names (L1).
 * @throws ChatFlowError `InvalidInputError` for names that no phase or task can have.
 */
export function taskStem(place: TaskPlace): string {
  const visit = place.visit ?? 1;
  const task = place.task ?? place.phase;
  checkName('phase', place.phase);
  checkName('task', task);
  checkCount('visit', visit, 1);
  if (place.index !== undefined) checkCount('index', place.index, 0);
  const parts = [place.phase];
  if (visit > 1) parts.push(String(visit));
  if (task !== place.phase || place.index !== undefined) parts.push(task);
  if (place.index !== undefined) parts.push(String(place.index));
  return parts.join('.');
}

/** The key of one of a task's files. */
export function taskKey(place: TaskPlace, file: TaskFile): string {
  return `${folderPrefix(place, 'tasks')}${taskStem(place)}${TASK_FILES[file]}`;
}

/** Where a content that was replaced under `key` stays. */
export function versionKey(key: string, digest: string): string {
  const cut = key.lastIndexOf('/') + 1;
  return `${key.slice(0, cut)}versions/${key.slice(cut)}.${digest}`;
}

/**
 * A place from what agents have at hand: a phase, `phase#visit`, or a full `task_id` (`phase#visit/name[index]`).
 * @throws ChatFlowError `InvalidInputError`
 */
export function taskPlace(instance: InstancePlace, id: string): TaskPlace {
  const match = typeof id === 'string' ? TASK_ID.exec(id) : null;
  if (match === null) refusePlace('task', id);
  const [, phase = '', visit, task, index] = match;
  return {
    tenant_id: instance.tenant_id,
    instance_id: instance.instance_id,
    phase,
    visit: visit === undefined ? 1 : Number(visit),
    ...(task !== undefined && task !== phase ? { task } : {}),
    ...(index !== undefined ? { index: Number(index) } : {}),
  };
}

/** The key of a segment of the audit stream; names sort as the events do. */
export function historyKey(place: InstancePlace, firstSeq: number, lastSeq: number): string {
  const pad = (seq: number): string => String(seq).padStart(SEQ_DIGITS, '0');
  return `${folderPrefix(place, 'history')}${pad(firstSeq)}-${pad(lastSeq)}.json`;
}

/** The key of a run's closing snapshot; names sort as the runs ended. */
export function snapshotKey(place: InstancePlace, closedAt: string, runId: string): string {
  const stamp = closedAt.replace(/[-:.]/g, '');
  return `${folderPrefix(place, 'snapshots')}${stamp}-${sha256(runId).slice(0, 12)}.json`;
}

/** The key of what a terminated instance had come to, for another to go on from. */
export function leftBehindKey(place: InstancePlace): string {
  return `${folderPrefix(place, 'left-behind')}state.json`;
}

/** The key of an inline definition, by the digest of its document. */
export function definitionKey(tenantId: string, digest: string): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) refusePlace('digest', digest);
  return `${encodeKeySegment(tenantId)}/definitions/${digest}.json`;
}
