import { ERRORS, ChatFlowError } from '../../core/errors.js';
import type { Diagnostic } from '../../definition/diagnostic.js';
import { formatDiagnostic } from '../../definition/format-diagnostic.js';
import type { JsonObject } from '../../json/json.js';
import { coloursFor } from './colours.js';
import type { CliIo } from './cli-io.js';

/** What is no error of ChatFlow's is a defect of ours. */
function toChatFlowError(error: unknown): ChatFlowError {
  if (error instanceof ChatFlowError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ChatFlowError('InternalError', message, {}, { cause: error });
}

/**
 * Says on stderr what went wrong, in one line with the way out; below it the diagnostics where there are any. With
 * `--json` stdout gets the same as a document `{ error }`.
 *
 * @returns the exit code of this error
 */
export function reportError(io: CliIo, error: unknown, json: boolean): number {
  const known = toChatFlowError(error);
  const colours = coloursFor(io.stderr, io.env);
  io.stderr.write(`${colours.red(known.type)}: ${known.message}\n`);
  for (const diagnostic of diagnosticsOf(known.details)) {
    io.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  }
  if ((io.env['CHATFLOW_DEBUG'] ?? '') !== '') io.stderr.write(`${describe(error)}\n`);
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
