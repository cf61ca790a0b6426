import { isJsonObject } from '../json/json.js';
import type { StartInput } from '../workflows/messages.js';
import { callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import type { Execution } from './execution.js';

/**
 * What a run was started with, from the first event of its history: no worker is needed for it.
 *
 * @returns null where it was not started with one JSON object, as other clients may
 */
export async function readStartInput(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
): Promise<StartInput | null> {
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
  const input = parse(started?.input?.payloads?.[0]?.data);
  return isJsonObject(input) ? (input as unknown as StartInput) : null;
}

/** Another client may have sent anything: NaN, binary. */
function parse(data: Uint8Array | null | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(data ?? []).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
