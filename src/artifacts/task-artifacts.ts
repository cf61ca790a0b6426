/**
 * What was asked of an AI and what it answered, task by task.
 *
 * T1 The record is written last and names the checksums of the others, so a reader that goes by the record never sees
 *    the prompt of one save with the response of another (artifact-versions.ts keeps the contents it names).
 * T2 A save replaces the whole set: what it leaves out is gone from the record, and its file, if any, is emptied.
 * T3 The same save again, after a lost answer, changes nothing and returns the same references.
 */
import { ChatFlowError } from '../core/errors.js';
import type { ArtifactRef } from '../core/shapes.js';
import { isJsonObject, type JsonObject } from '../json/json.js';
import { taskKey, type TaskPlace } from './artifact-layout.js';
import { describeArtifact, refTo, type RefFacts } from './artifact-ref.js';
import { getOrNull, type ArtifactStore } from './artifact-store.js';
import { corruptArtifact, readVersion, replaceArtifact } from './artifact-versions.js';
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
}

export interface TaskArtifacts {
  readonly prompt: string | null;
  readonly ai_response: string | null;
  readonly record: TaskArtifactRecord;
  /** Prompt and response, where there are any, and the record. */
  readonly refs: readonly ArtifactRef[];
}

const encode = (text: string): Uint8Array => Buffer.from(text, 'utf8');

function checkInput(input: TaskArtifactsInput): void {
  for (const field of ['prompt', 'ai_response'] as const) {
    const value: unknown = input[field];
    if (value === undefined || typeof value === 'string') continue;
    throw new ChatFlowError('InvalidInputError', `${field} must be a text`, { field });
  }
  if (input.record === undefined || isJsonObject(input.record)) return;
  throw new ChatFlowError('InvalidInputError', 'record must be a JSON object', { field: 'record' });
}

function composeRecord(place: TaskPlace, input: TaskArtifactsInput, savedAt: string): TaskArtifactRecord {
  const prompt = input.prompt === undefined ? null : encode(input.prompt);
  const response = input.ai_response === undefined ? null : encode(input.ai_response);
  const { saved_at: _, ...own } = input.record ?? {};
  return {
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
}

const serialize = (record: TaskArtifactRecord): string => `${JSON.stringify(record, null, 2)}\n`;

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
  if (isRecord(value)) return value;
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
  const time = /"saved_at": "([^"]+)"\n\}\n$/.exec(earlier.toString('utf8'))?.[1];
  if (time === undefined) return now.toISOString();
  const again = encode(serialize(composeRecord(place, input, time)));
  return earlier.equals(again) ? time : now.toISOString();
}

/**
 * Keeps a task's artifacts, in place of those saved before for the same visit.
 * @throws ChatFlowError `InvalidInputError`, `PayloadTooLargeError`
 */
export async function saveTaskArtifacts(
  store: ArtifactStore,
  place: TaskPlace,
  input: TaskArtifactsInput,
  now: Date = new Date(),
): Promise<{ readonly refs: readonly ArtifactRef[]; readonly record: TaskArtifactRecord }> {
  checkInput(input);
  const record = composeRecord(place, input, await savedAt(store, place, input, now));
  for (const file of ['prompt', 'ai_response'] as const) {
    const text = input[file];
    const key = taskKey(place, file);
    if (text === undefined && (await store.stat(key)) === null) continue;
    await replaceArtifact(store, key, encode(text ?? ''));
  }
  const content = encode(serialize(record));
  await replaceArtifact(store, taskKey(place, 'record'), content);
  return { refs: recordRefs(place, record, content), record };
}

async function readText(store: ArtifactStore, key: string, digest: string | null): Promise<string | null> {
  if (digest === null) return null;
  return Buffer.from(await readVersion(store, key, digest)).toString('utf8');
}

/**
 * A task's artifacts as one save left them, every content checked against the record.
 * @throws ChatFlowError `ArtifactNotFoundError`, `ArtifactCorruptError`, `InvalidInputError`
 */
export async function getTaskArtifacts(store: ArtifactStore, place: TaskPlace): Promise<TaskArtifacts> {
  const key = taskKey(place, 'record');
  const content = await store.get(key);
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
