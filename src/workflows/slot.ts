/** Where the handlers of a run find its instance, which may still be in the making, or never come to be. */
import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { ChatFlowError, type Problem } from '../core/errors.js';
import { toFailure } from './failures.js';
import type { Instance } from './instance.js';

/** The instance, once it has been prepared. */
export interface Slot {
  instance: Instance | null;
  /** Why no instance ever came to be. */
  refused: Problem | null;
  /** Of the engine's meaning, where the start says it: before the instance is there. */
  version?: number;
}

/**
 * Runs at once where the instance is there; else when it has been prepared. A cancellation that comes meanwhile is the
 * instance's to answer: a handler that failed of it would end the execution beside it, and the task with both for ever.
 */
export function whenReady<T>(slot: Slot, run: (instance: Instance) => T | Promise<T>): T | Promise<T> {
  if (slot.instance) return run(slot.instance);
  const isReady = (): boolean => slot.instance !== null || slot.refused !== null;
  const ready = outlivesCancel(slot)
    ? CancellationScope.nonCancellable(() => condition(isReady))
    : condition(isReady);
  return ready.then(() => {
    if (slot.instance) return run(slot.instance);
    throw toFailure(noInstance(slot).toProblem());
  });
}

/** A child says its version with its start; of any other nobody knows it yet, so its history says it. */
function outlivesCancel({ version }: Slot): boolean {
  return version === undefined ? patched('handlers-outlive-cancel') : version >= 9;
}

/** Why there is none to answer. */
export function noInstance(slot: Slot): ChatFlowError {
  const { refused } = slot;
  return refused
    ? new ChatFlowError('WorkflowClosedError', `The start was refused: ${refused.type}: ${refused.message}`, {
        failure: { type: refused.type, message: refused.message },
      })
    : new ChatFlowError('WorkerUnavailableError', 'The instance is still being prepared: ask again');
}
