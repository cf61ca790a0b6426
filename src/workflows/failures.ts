/** Problems of the core ↔ failures of Temporal. Across the sandbox only names are compared, never classes. */
import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { ChatFlowError, type Problem } from '../core/errors.js';
import { isJsonObject, type Json } from '../json/json.js';

/** A problem as the failure of an update, a query or the execution: `{ type, message, details: [details, ...beside] }`. */
export function toFailure(problem: Problem, beside: readonly Json[] = []): ApplicationFailure {
  return ApplicationFailure.create({
    message: problem.message,
    type: problem.type,
    nonRetryable: true,
    details: problem.details === undefined && beside.length === 0 ? [] : [problem.details ?? null, ...beside],
  });
}

/** Turns a `ChatFlowError` that is thrown inside into the failure Temporal knows; everything else passes. */
export function translating<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof ChatFlowError ? toFailure(error.toProblem()) : error;
  }
}

/** What an activity's failure means to the interpreter. */
export function problemOf(error: unknown): Problem {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  if (cause instanceof ApplicationFailure) return fromApplicationFailure(cause);
  if (cause instanceof TimeoutFailure) {
    return {
      type: 'TimeoutError',
      message: `The activity timed out (${cause.timeoutType ?? 'unknown'})`,
      details: { timeout: cause.timeoutType ?? null },
    };
  }
  if (cause instanceof CancelledFailure)
    return { type: 'CancelledError', message: 'The activity was cancelled' };
  return { type: 'TaskFailedError', message: cause instanceof Error ? cause.message : String(cause) };
}

function fromApplicationFailure(failure: ApplicationFailure): Problem {
  const [details] = failure.details ?? [];
  const readable = isJsonObject(details) || typeof details === 'string' || typeof details === 'number';
  return {
    type: failure.type && failure.type !== 'Error' ? failure.type : 'TaskFailedError',
    message: failure.message,
    ...(readable ? { details: details } : {}),
  };
}
