/** The workflow bundle's entry: the workflow `chatflow`. All that it runs is preloaded, and shared by the instances. */
import { CancellationScope } from '@temporalio/workflow';
import type { Json } from '../json/json.js';
import { acceptReservedSignals } from './accept-reserved-signals.js';
import { listenForCancelReason } from './cancel-reason.js';
import { runInstance } from './run-instance.js';

// At once, as the module is evaluated: a request to cancel may come in the very first workflow task.
const cancelReason = listenForCancelReason();
acceptReservedSignals();

/** Runs an instance to its end; returns what the definition's `result` says, or the variables. */
export async function chatflow(...args: unknown[]): Promise<Json> {
  return CancellationScope.nonCancellable(() => runInstance(args, cancelReason));
}
