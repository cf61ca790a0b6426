import { Context } from '@temporalio/activity';
import type { TerminateChildInput } from './activity-types.js';

/** The activity `chatflow.terminateChild`: for a child that was asked to end and has not. One that has closed is fine. */
export async function terminateChild({ instance_id, reason }: TerminateChildInput): Promise<void> {
  try {
    await Context.current().client.workflow.getHandle(instance_id).terminate(reason);
  } catch (error) {
    if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
  }
}
