import type { InstanceState } from '../core/state.js';
import type { ClientContext } from './client-context.js';
import type { Execution } from './execution.js';
import { initialState } from './initial-state.js';
import { readStartInput } from './read-start-input.js';

/**
 * The state with which a run began: all there is to tell of a run that was ended before a worker ever saw it.
 *
 * @returns null where the start did not bring one along (another client's, with nothing prepared)
 */
export async function readStartState(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
): Promise<InstanceState | null> {
  const input = await readStartInput(context, instanceId, execution);
  const carried = input?.continued ?? input?.retried?.state;
  if (carried !== undefined) return carried;
  if (input?.prepared === undefined) return null;
  return initialState(instanceId, { input, prepared: input.prepared, at: Date.parse(execution.started_at) });
}
