import { ChatFlowError } from '../core/errors.js';
import { checkJson } from '../json/check-json.js';
import { isJsonObject, type JsonObject } from '../json/json.js';
import type { TaskArtifactsInput } from './task-artifacts.js';

const KEYS = ['prompt', 'ai_response', 'record'];

function refuse(field: string, message: string): never {
  throw new ChatFlowError('InvalidInputError', message, { field });
}

function checkText(field: string, value: unknown): void {
  if (value === undefined || typeof value === 'string') return;
  refuse(field, `${field} must be a text`);
}

/** A record as plain JSON; keys of its top level that are `undefined` are left out. */
function checkRecord(record: unknown): JsonObject | undefined {
  if (record === undefined) return undefined;
  if (!isJsonObject(record)) refuse('record', 'record must be a JSON object');
  // `fromEntries` keeps an own `__proto__` a key, so that it is refused by name.
  const given = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
  const problem = checkJson(given);
  if (problem !== null) refuse('record', `record is not JSON: ${problem}`);
  return given;
}

/**
 * What is to be saved of a task, whoever calls: no other keys, texts that are texts, a record that JSON can keep.
 * @throws ChatFlowError `InvalidInputError` that names the key
 */
export function checkTaskArtifacts(input: unknown): TaskArtifactsInput {
  if (!isJsonObject(input)) refuse('artifacts', `The artifacts must be a map of ${KEYS.join(', ')}`);
  const unknown = Object.keys(input).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    const shown = JSON.stringify(unknown.slice(0, 80));
    refuse(unknown.slice(0, 80), `Artifacts have no key ${shown}: they are ${KEYS.join(', ')}`);
  }
  checkText('prompt', input['prompt']);
  checkText('ai_response', input['ai_response']);
  const record = checkRecord(input['record']);
  return { ...(input as TaskArtifactsInput), ...(record === undefined ? {} : { record }) };
}
