import type { InstanceState } from '../core/state.js';
import { isJsonObject } from '../json/json.js';
import type { StartInput } from '../workflows/messages.js';
import { callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import type { Execution } from './execution.js';
import { initialState } from './initial-state.js';

/**
 * The state with which a run began, from the first event of its history: all there is to tell of a run that was ended
 * before a worker ever saw it.
 *
 * @returns null where the start did not bring one along (another client's, with nothing prepared)
 */
export async function readStartState(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
): Promise<InstanceState | null> {
  const { client, namespace } = context;
  const answer = await callTemporal(
    context,
    () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: { workflowId: instanceId, runId: execution.run_id },
        maximumPageSize: 1,
      }),
    instanceId,
  );
  const started = answer.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payload = started?.input?.payloads?.[0];
  if (payload == null) return null;
  const input: unknown = client.options.loadedDataConverter.payloadConverter.fromPayload(payload);
  return isJsonObject(input) ? stateOf(instanceId, input as unknown as StartInput, execution) : null;
}

function stateOf(instanceId: string, input: StartInput, execution: Execution): InstanceState | null {
  const carried = input.continued ?? input.retried?.state;
  if (carried !== undefined) return carried;
  const { prepared } = input;
  if (prepared === undefined) return null;
  return initialState(instanceId, { input, prepared, at: Date.parse(execution.started_at) });
}
