/**
 * What was asked of an AI and what it answered, task by task.
 *
 * T1 The record is written last and names the checksums of the others, so a reader that goes by the record never sees
 *    the prompt of one save with the response of another (artifact-versions.ts keeps the contents it names).
 * T2 A save replaces the whole set: what it leaves out is gone from the record, and its file, if any, is emptied.
 * T3 The same save again, after a lost answer, changes nothing and returns the same references.
 * T4 A record ends with the sha256 of all that stands before it, so a change is noticed with the file alone; one who
 *    makes the digest anew is found out by the instance's references. Records of before this had none.
 * T5 Null is what was never saved. Where a file lies without its record, the record was deleted, or a save has not come
 *    to its end: an error that names it, as for every other file that a record names and that is gone.
 */
import { ChatFlowError } from '../core/errors.js';
import type { ArtifactRef } from '../core/shapes.js';
import { isJsonObject, type JsonObject } from '../json/json.js';
import { taskKey, versionKey, type TaskPlace } from './artifact-layout.js';
import { artifactKeyOf, artifactUri, describeArtifact, refTo, type RefFacts } from './artifact-ref.js';
import { checkArtifactSize, getOrNull, type ArtifactStore } from './artifact-store.js';
import { corruptArtifact, isKnownVersion, readVersion, replaceArtifact } from './artifact-versions.js';
import { checkTaskArtifacts } from './check-task-artifacts.js';
import { sha256 } from './sha256.js';

export interface TaskArtifactsInput {
  readonly prompt?: string;
  readonly ai_response?: string;
  /** Whatever else is worth keeping: a JSON object. */
  readonly record?: JsonObject;
}

/** The caller's own keys, and these over them. Checksums are sha256 in hex, null where there is none. */
export interface TaskArtifactRecord extends JsonObject {
  readonly instance_id: string;
  readonly phase: string;
  readonly visit: number;
  readonly task: string;
  readonly prompt_checksum: string | null;
  readonly prompt_size_bytes: number;
  readonly response_checksum: string | null;
  readonly response_size_bytes: number;
  readonly saved_at: string;
  /** Of the file up to here (T4). */
  readonly record_checksum?: string;
}

export interface TaskArtifacts {
  readonly prompt: string | null;
  readonly ai_response: string | null;
  readonly record: TaskArtifactRecord;
  /** Prompt and response, where there are any, and the record. */
  readonly refs: readonly ArtifactRef[];
}

const encode = (text: string): Uint8Array => Buffer.from(text, 'utf8');

const serialize = (record: JsonObject): string => `${JSON.stringify(record, null, 2)}\n`;

/** How every record ends; those of before T4 with its time. */
const RECORD_END = /"saved_at": "([^"\n]+)"(,\n  "record_checksum": "([0-9a-f]{64})")?\n\}\n$/;

/** Refuses a record that is not what a save wrote (T4). */
function checkDigest(key: string, content: Uint8Array): void {
  const text = Buffer.from(content).toString('utf8');
  const [, , line = '', digest] = RECORD_END.exec(text) ?? [];
  if (digest === undefined && RECORD_END.test(text)) return;
  const end = '\n}\n';
  const found = sha256(`${text.slice(0, -line.length - end.length)}${end}`);
  if (digest !== found) throw corruptArtifact(key, digest ?? 'of a record that was saved', found);
}

function composeRecord(place: TaskPlace, input: TaskArtifactsInput, savedAt: string): TaskArtifactRecord {
  const prompt = input.prompt === undefined ? null : encode(input.prompt);
  const response = input.ai_response === undefined ? null : encode(input.ai_response);
  const { saved_at: _, record_checksum: __, ...own } = input.record ?? {};
  const record = {
    ...own,
    instance_id: place.instance_id,
    phase: place.phase,
    visit: place.visit ?? 1,
    task: place.task ?? place.phase,
    ...(place.index !== undefined ? { index: place.index } : {}),
    prompt_checksum: prompt === null ? null : sha256(prompt),
    prompt_size_bytes: prompt?.byteLength ?? 0,
    response_checksum: response === null ? null : sha256(response),
    response_size_bytes: response?.byteLength ?? 0,
    saved_at: savedAt,
  };
  return { ...record, record_checksum: sha256(serialize(record)) };
}

function isOptionalText(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isRecord(value: unknown): value is TaskArtifactRecord {
  if (!isJsonObject(value)) return false;
  const named = typeof value['phase'] === 'string' && typeof value['task'] === 'string';
  const dated = typeof value['saved_at'] === 'string' && typeof value['visit'] === 'number';
  return (
    named && dated && isOptionalText(value['prompt_checksum']) && isOptionalText(value['response_checksum'])
  );
}

/**
 * A record from its bytes.
 * @throws ChatFlowError `ArtifactCorruptError`
 */
export function parseTaskRecord(key: string, content: Uint8Array): TaskArtifactRecord {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (error) {
    throw new ChatFlowError('ArtifactCorruptError', `${key} is no JSON document`, { key }, { cause: error });
  }
  if (isRecord(value)) {
    checkDigest(key, content);
    return value;
  }
  throw new ChatFlowError('ArtifactCorruptError', `${key} is no record of a task's artifacts`, { key });
}

/** The references that a record stands for: prompt and response, where there are any, and itself. */
export function recordRefs(
  place: TaskPlace,
  record: TaskArtifactRecord,
  content: Uint8Array,
): readonly ArtifactRef[] {
  const facts = { phase: record.phase, task: record.task, created_at: record.saved_at };
  const refs: ArtifactRef[] = [];
  const add = (file: 'prompt' | 'ai_response', digest: string | null, size: number): void => {
    const kind: RefFacts = { ...facts, kind: file };
    if (digest !== null) refs.push(describeArtifact(taskKey(place, file), digest, size, kind));
  };
  add('prompt', record.prompt_checksum, record.prompt_size_bytes);
  add('ai_response', record.response_checksum, record.response_size_bytes);
  return [...refs, refTo(taskKey(place, 'record'), content, { ...facts, kind: 'record' })];
}

/** T3: the time of the earlier save, where it was the same but for its time; else now. A damaged record is replaced. */
async function savedAt(
  store: ArtifactStore,
  place: TaskPlace,
  input: TaskArtifactsInput,
  now: Date,
): Promise<string> {
  const earlier = Buffer.from((await getOrNull(store, taskKey(place, 'record'))) ?? []);
  const time = RECORD_END.exec(earlier.toString('utf8'))?.[1];
  if (time === undefined) return now.toISOString();
  const again = encode(serialize(composeRecord(place, input, time)));
  return earlier.equals(again) ? time : now.toISOString();
}

/** All of a save or nothing of it: what is too big for the store is refused before the first write. */
function checkSizes(place: TaskPlace, record: TaskArtifactRecord, content: Uint8Array): void {
  checkArtifactSize(taskKey(place, 'prompt'), record.prompt_size_bytes);
  checkArtifactSize(taskKey(place, 'ai_response'), record.response_size_bytes);
  checkArtifactSize(taskKey(place, 'record'), content.byteLength);
}

/**
 * Keeps a task's artifacts, in place of those saved before for the same visit.
 * @throws ChatFlowError `InvalidInputError`, `PayloadTooLargeError`
 */
export async function saveTaskArtifacts(
  store: ArtifactStore,
  place: TaskPlace,
  given: TaskArtifactsInput,
  now: Date = new Date(),
): Promise<{ readonly refs: readonly ArtifactRef[]; readonly record: TaskArtifactRecord }> {
  const input = checkTaskArtifacts(given);
  const record = composeRecord(place, input, await savedAt(store, place, input, now));
  const content = encode(serialize(record));
  checkSizes(place, record, content);
  for (const file of ['prompt', 'ai_response'] as const) {
    const text = input[file];
    const key = taskKey(place, file);
    if (text === undefined && (await store.stat(key)) === null) continue;
    await replaceArtifact(store, key, encode(text ?? ''));
  }
  await replaceArtifact(store, taskKey(place, 'record'), content);
  return { refs: recordRefs(place, record, content), record };
}

async function readText(store: ArtifactStore, key: string, digest: string | null): Promise<string | null> {
  if (digest === null) return null;
  return Buffer.from(await readVersion(store, key, digest)).toString('utf8');
}

/** Whether anything lies in the store that a save of the task has left (T5). */
async function hasTraces(store: ArtifactStore, place: TaskPlace): Promise<boolean> {
  for (const file of ['prompt', 'ai_response'] as const) {
    if ((await store.stat(taskKey(place, file))) !== null) return true;
  }
  return (await store.list(versionKey(taskKey(place, 'record'), ''))).length > 0;
}

/** Null where nothing was ever saved. The record is looked for again, since a save may have written it meanwhile. */
async function readRecord(store: ArtifactStore, place: TaskPlace): Promise<Uint8Array | null> {
  const key = taskKey(place, 'record');
  const found = await getOrNull(store, key);
  if (found !== null || !(await hasTraces(store, place))) return found;
  return store.get(key);
}

/**
 * A task's artifacts as one save left them, every content checked against the record; null where there was none (T5).
 * @throws ChatFlowError `ArtifactNotFoundError` that names the missing key, `ArtifactCorruptError`, `InvalidInputError`
 */
export async function getTaskArtifacts(
  store: ArtifactStore,
  place: TaskPlace,
): Promise<TaskArtifacts | null> {
  const key = taskKey(place, 'record');
  const content = await readRecord(store, place);
  if (content === null) return null;
  const record = parseTaskRecord(key, content);
  const visit = place.visit ?? 1;
  if (record.phase !== place.phase || record.visit !== visit) {
    throw corruptArtifact(key, `a record of ${place.phase}#${visit}`, `of ${record.phase}#${record.visit}`);
  }
  const [prompt, ai_response] = await Promise.all([
    readText(store, taskKey(place, 'prompt'), record.prompt_checksum),
    readText(store, taskKey(place, 'ai_response'), record.response_checksum),
  ]);
  return { prompt, ai_response, record, refs: recordRefs(place, record, content) };
}

/**
 * Holds a task's record, as it was read, against the references that its instance has (T4). A save that the instance has
 * not heard of is fine: its content is a known version of what it replaced.
 * @throws ChatFlowError `ArtifactCorruptError`
 */
export async function checkAgainstReferences(
  store: ArtifactStore,
  artifacts: TaskArtifacts,
  known: readonly ArtifactRef[],
): Promise<void> {
  const record = artifacts.refs.find((ref) => ref.kind === 'record');
  const expected = known.filter((ref) => ref.uri === record?.uri).at(-1);
  if (record === undefined || expected === undefined) return;
  if (known.some((ref) => ref.uri === record.uri && ref.sha256 === record.sha256)) return;
  const key = artifactKeyOf(record.uri) ?? record.name;
  if (await isKnownVersion(store, key, record.sha256)) return;
  throw corruptArtifact(key, expected.sha256, record.sha256);
}

/** What an instance knows of a task's artifacts: the reference to its record, else to another of its files. */
export function findReference(place: TaskPlace, known: readonly ArtifactRef[]): ArtifactRef | undefined {
  const uris = (['record', 'prompt', 'ai_response'] as const).map((file) =>
    artifactUri(taskKey(place, file)),
  );
  return uris.flatMap((uri) => known.filter((ref) => ref.uri === uri)).at(0);
}
