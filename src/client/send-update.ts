import type { Json } from '../json/json.js';
import type { UpdateName } from '../workflows/messages.js';
import { checkAccess } from './access-instance.js';
import { callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';
import { explainRefusal } from './explain-refusal.js';
import { untilProcessed } from './until-processed.js';

/**
 * Sends an update to an instance and waits for its answer.
 *
 * @returns the answer, in the shape that protocol.md gives for this name
 * @throws what the instance refuses with; WorkflowClosedError where it has closed, Temporal's retention over or not
 */
export async function sendUpdate<T>(
  context: ClientContext,
  instanceId: string,
  name: UpdateName,
  argument: Json,
): Promise<T> {
  await checkAccess(context, instanceId);
  const handle = context.client.workflow.getHandle(instanceId);
  try {
    return await context.updates.run(instanceId, () =>
      callTemporal(
        context,
        () => untilProcessed(() => handle.executeUpdate<T, [Json]>(name, { args: [argument] })),
        instanceId,
      ),
    );
  } catch (error) {
    throw await explainRefusal(context, instanceId, error);
  }
}
