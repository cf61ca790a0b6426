import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ChatFlowError } from '../../core/errors.js';
import { isJsonObject } from '../../json/json.js';
import type { JsonObject } from '../../json/json.js';
import type { CliIo } from './cli-io.js';

/** An option's text: `-` is standard input, `@file` a file's content, anything else stands for itself. */
export async function readText(io: CliIo, value: string): Promise<string> {
  if (value === '-') return io.readStdin();
  if (!value.startsWith('@')) return value;
  const file = value.slice(1);
  return file === '-' ? io.readStdin() : readFileAt(io, file, 'InvalidInputError');
}

/**
 * The text of a definition; `-` is standard input.
 *
 * @throws SchemaNotFoundError where there is no such file; InvalidInputError where it can't be read
 */
export async function readInput(io: CliIo, file: string): Promise<string> {
  return file === '-' ? io.readStdin() : readFileAt(io, file, 'SchemaNotFoundError');
}

/** `missing` is the error where nothing stands there. */
async function readFileAt(
  io: CliIo,
  file: string,
  missing: 'InvalidInputError' | 'SchemaNotFoundError',
): Promise<string> {
  const path = resolve(io.cwd, file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const reason = isMissing ? `There is no file ${path}` : `${file} can't be read: ${wordsFor(code, error)}`;
    throw new ChatFlowError(isMissing ? missing : 'InvalidInputError', reason, { file }, { cause: error });
  }
}

function wordsFor(code: string | undefined, error: unknown): string {
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'you may not read it';
  return reasonOf(error);
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

/** What some editors and shells put before a text. */
const BYTE_ORDER_MARK = /^\uFEFF/;

function parseJson(option: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ''));
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
