import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { InstanceState } from '../core/state.js';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../workflows/messages.js';
import type { StartInput } from '../workflows/messages.js';
import { callTemporal } from './call-temporal.js';
import { checkSize } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { searchAttributesOf } from './search-attributes.js';

/** An instance whose worker has died waits this long for another one. */
const WORKFLOW_TASK_TIMEOUT = '5s';
/** Definition, context and what was prepared of them, or a whole state, in one message: the server takes 2 MiB. */
const START_BYTES = 1.9 * 1024 * 1024;

export interface StartOptions {
  readonly input: StartInput;
  /** What happens where the id has been used before. */
  readonly reuse: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY';
}

/**
 * Starts an execution for an instance that will be in this state.
 *
 * @returns false where Temporal has an execution of this id that `reuse` does not allow to follow
 * @throws SearchAttributesMissingError, PayloadTooLargeError
 */
export async function startExecution(
  context: ClientContext,
  state: InstanceState,
  { input, reuse }: StartOptions,
): Promise<boolean> {
  checkSize(input, 'start input', START_BYTES);
  const start = (): Promise<unknown> =>
    context.client.workflow.start(WORKFLOW_TYPE, {
      args: [input],
      taskQueue: TASK_QUEUE,
      workflowId: state.instance_id,
      workflowIdReusePolicy: reuse,
      workflowIdConflictPolicy: 'FAIL',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      typedSearchAttributes: searchAttributesOf(state),
    });
  return callTemporal(context, () => refusedAsFalse(start), state.instance_id);
}

async function refusedAsFalse(start: () => Promise<unknown>): Promise<boolean> {
  try {
    await start();
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
