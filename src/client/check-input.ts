/**
 * What a caller hands over, before it leaves the process: JSON only, and no bigger than the server takes. A value
 * that `JSON.stringify` would bend silently (NaN to null, a Date to a string, undefined to nothing) is refused.
 */
import { ChatFlowError } from '../core/errors.js';
import { LIMITS } from '../core/limits.js';
import { checkJson } from '../json/check-json.js';
import { isJsonObject } from '../json/json.js';
import type { JsonObject } from '../json/json.js';

/**
 * Checks one argument of a call.
 *
 * @param input what the caller gave; keys of its top level that are `undefined` are left out
 * @param name what it is called in a message, e.g. `trigger`
 * @returns the argument as plain JSON
 * @throws InvalidInputError where a value is not JSON; PayloadTooLargeError above 1 MiB
 */
export function checkInput(input: unknown, name: string): JsonObject {
  if (!isJsonObject(input)) throw new ChatFlowError('InvalidInputError', `The ${name} is not an object`);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const problem = checkJson(given);
  if (problem !== null) throw new ChatFlowError('InvalidInputError', `The ${name} is not JSON: ${problem}`);
  checkSize(given, name);
  return given;
}

/** Refuses what is above the limit of one message (1 MiB of JSON), before anything is sent. */
export function checkSize(value: unknown, name: string, limitBytes: number = LIMITS.triggerBytes): void {
  // Not `jsonSize`, which remembers a value's size: a caller may change and send the same object again.
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= limitBytes) return;
  throw new ChatFlowError(
    'PayloadTooLargeError',
    `The ${name} has ${bytes} bytes of JSON, the limit is ${limitBytes}: save big content as an artifact and send its reference`,
    { bytes, limit: limitBytes },
  );
}

/** An id as Temporal takes it; anything else cannot name an instance. */
export function checkInstanceId(instanceId: unknown): string {
  if (typeof instanceId === 'string' && instanceId !== '' && Buffer.byteLength(instanceId) <= 1000) {
    return instanceId;
  }
  throw new ChatFlowError('InvalidInputError', 'The instance id is not a string of 1 to 1000 bytes');
}
