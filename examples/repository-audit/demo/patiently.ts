import { setTimeout as delay } from 'node:timers/promises';
import { ChatFlowError, ERRORS } from '../../../src/core/errors.js';

const PAUSE_MS = 250;

export interface Patience {
  readonly patienceMs?: number;
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Repeats a call whose error may pass, such as an engine that is away: for two minutes. Calls must be safe to repeat. */
export async function patiently<T>(call: () => Promise<T>, patience: Patience = {}): Promise<T> {
  const deadline = Date.now() + (patience.patienceMs ?? 120_000);
  for (;;) {
    patience.signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      const passes = error instanceof ChatFlowError && ERRORS[error.type].retryable;
      if (!passes || Date.now() > deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
