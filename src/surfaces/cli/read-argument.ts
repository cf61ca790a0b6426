import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ChatFlowError } from '../../core/errors.js';
import { isJsonObject } from '../../json/json.js';
import type { JsonObject } from '../../json/json.js';
import type { CliIo } from './cli-io.js';

/** An option's text: `-` is standard input, `@file` a file's content, anything else stands for itself. */
export async function readText(io: CliIo, value: string): Promise<string> {
  if (value === '-') return io.readStdin();
  return value.startsWith('@') ? readInput(io, value.slice(1)) : value;
}

/** A file's content; `-` is standard input. @throws InvalidInputError where it can't be read */
export async function readInput(io: CliIo, file: string): Promise<string> {
  if (file === '-') return io.readStdin();
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new ChatFlowError(
      'InvalidInputError',
      `${file} can't be read: ${reasonOf(error)}`,
      { file },
      { cause: error },
    );
  }
}

/**
 * An option that holds a JSON object, in one of the three ways of `readText`.
 *
 * @param option its name, for the message
 * @returns undefined where the option was not given
 */
export async function readJsonObject(
  io: CliIo,
  option: string,
  value: string | undefined,
): Promise<JsonObject | undefined> {
  if (value === undefined) return undefined;
  const parsed = parseJson(option, await readText(io, value));
  if (isJsonObject(parsed)) return parsed;
  throw new ChatFlowError(
    'InvalidInputError',
    `${option} must be a JSON object, such as '{"key": "value"}'`,
    {
      option,
    },
  );
}

function parseJson(option: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ChatFlowError(
      'InvalidInputError',
      `${option} is not JSON: ${reasonOf(error)}. Pass an object, @file, or - for standard input`,
      { option },
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
