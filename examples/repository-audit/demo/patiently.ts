import { setTimeout as delay } from 'node:timers/promises';
import { ChatFlowError } from '../../../src/core/errors.js';

const AWAY = new Set<string>(['TemporalUnavailableError', 'WorkerUnavailableError']);
const PAUSE_MS = 250;

export interface Patience {
  readonly patienceMs?: number;
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Repeats a call while the engine is away, for two minutes by default. Calls must be safe to repeat. */
export async function patiently<T>(call: () => Promise<T>, patience: Patience = {}): Promise<T> {
  const deadline = Date.now() + (patience.patienceMs ?? 120_000);
  for (;;) {
    patience.signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      const away = error instanceof ChatFlowError && AWAY.has(error.type);
      if (!away || Date.now() > deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
