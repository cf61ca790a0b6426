import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;

/**
 * Sends an update again where Temporal says that no worker has processed it, as may happen while a worker takes over
 * from one that died: the server has rejected it then, nothing was applied.
 */
export async function untilProcessed<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isUnprocessed(error)) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
  return send();
}

/** The type is the server's (`service/history/workflow/update/update.go` of temporalio/temporal). */
function isUnprocessed(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateFailedError &&
    error.cause instanceof ApplicationFailure &&
    (error.cause.type === 'UnprocessedUpdate' || error.cause.message.includes("wasn't processed by worker"))
  );
}
