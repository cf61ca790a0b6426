import { ERRORS, ChatFlowError } from '../../core/errors.js';
import type { Diagnostic } from '../../definition/diagnostic.js';
import { formatDiagnostic } from '../../definition/format-diagnostic.js';
import type { JsonObject } from '../../json/json.js';
import { coloursFor } from './colours.js';
import type { CliIo } from './cli-io.js';
import { showControls } from './show-controls.js';

/** Exit code for a command line that cannot be understood. */
const WRONG_USAGE = 2;

/**
 * Says that the command line cannot be understood: one line on stderr, and with `--json` a document on stdout. Where no
 * command was named the overview has been shown, which says it all.
 *
 * @returns the exit code
 */
export function reportUsage(
  io: CliIo,
  error: { readonly code: string; readonly message: string },
  json: boolean,
): number {
  const isOverview = error.code === 'commander.help';
  if (isOverview && !json) return WRONG_USAGE;
  const words = isOverview ? 'no command was named' : error.message.replace(/^error: /, '');
  const message = `${words.replace(/\s*\n\s*/g, ' ').trim()} (--help shows how it is used)`;
  writeError(io, 'UsageError', message);
  const details = isOverview ? {} : { code: error.code };
  if (json) io.stdout.write(`${JSON.stringify({ error: { type: 'UsageError', message, details } })}\n`);
  return WRONG_USAGE;
}

/** One line; what a message has below its first one is indented. */
function writeError(io: CliIo, type: string, message: string): void {
  io.stderr.write(`${coloursFor(io.stderr, io.env).red(type)}: ${indentBelow(showControls(message))}\n`);
}

function indentBelow(text: string): string {
  return text.replace(/\n(?! {2})/g, '\n  ');
}

/** What is no error of ChatFlow's is a defect of ours. */
function toChatFlowError(error: unknown): ChatFlowError {
  if (error instanceof ChatFlowError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ChatFlowError('InternalError', message, {}, { cause: error });
}

/**
 * Says on stderr what went wrong, in one line with the way out; below it, indented, the diagnostics where there are
 * any. With `--json` stdout gets the same as a document `{ error }`, and stderr the first line alone.
 *
 * @returns the exit code of this error
 */
export function reportError(io: CliIo, error: unknown, json: boolean): number {
  const known = toChatFlowError(error);
  writeError(io, known.type, json ? (known.message.split('\n')[0] ?? '') : known.message);
  for (const diagnostic of json ? [] : diagnosticsOf(known.details)) {
    io.stderr.write(`  ${showControls(formatDiagnostic(diagnostic)).replaceAll('\n', '\n  ')}\n`);
  }
  if ((io.env['CHATFLOW_DEBUG'] ?? '') !== '') io.stderr.write(`${showControls(describe(error))}\n`);
  if (json) io.stdout.write(`${JSON.stringify({ error: known.toProblem() })}\n`);
  return ERRORS[known.type].exitCode;
}

/** The diagnostics that a SchemaValidationError carries; empty for every other error. */
function diagnosticsOf(details: JsonObject): readonly Diagnostic[] {
  const { problems } = details;
  if (!Array.isArray(problems)) return [];
  return (problems as unknown[]).filter(isDiagnostic);
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return typeof value === 'object' && value !== null && 'frame' in value && 'severity' in value;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
