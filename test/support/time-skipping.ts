/**
 * Time skipping on the real server (1.32, experimental), so tests of timers keep real visibility, updates, cascades and
 * continue-as-new. Two ways:
 * - `connectSkippingClient()`: whatever it starts, and its children, skip time whenever nothing is in flight but
 *   timers. For tests whose course is timers alone: while an agent's task is open its timeout fires at once.
 * - `fastForward(client, id, ms)`: an instance that any client started moves on by so much virtual time, then time
 *   runs as usual. For "two hours later, the agent answers".
 */
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { randomUUID } from 'node:crypto';
import { getTestServer } from './temporal-server.js';

type WorkflowService = Connection['workflowService'];

/** A client whose instances skip time. The caller closes `client.connection`. */
export async function connectSkippingClient(namespace = getTestServer().namespace): Promise<Client> {
  const connection = await Connection.connect({ address: getTestServer().address });
  skipTimeOnStart(connection.workflowService);
  return new Client({ connection, namespace });
}

/** Moves one open instance on by virtual time, firing the timers on the way; resolves when it is there. */
export async function fastForward(client: Client, workflowId: string, milliseconds: number): Promise<void> {
  const { workflowService } = client;
  const target = { namespace: client.options.namespace, workflowExecution: { workflowId } };
  const id = randomUUID();
  await workflowService.updateWorkflowExecutionOptions({
    ...target,
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: msToTs(milliseconds) } },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
  await workflowService.pollWorkflowExecutionTimeSkipping({ ...target, fastForwardId: id });
}

/** The SDK has no option for it yet, so the two calls that start a workflow get the field on their way out. */
function skipTimeOnStart(service: WorkflowService): void {
  for (const method of ['startWorkflowExecution', 'signalWithStartWorkflowExecution'] as const) {
    const original = service[method].bind(service) as (request: object) => Promise<unknown>;
    Object.defineProperty(service, method, {
      value: (request: object) => original({ ...request, timeSkippingConfig: { enabled: true } }),
    });
  }
}
