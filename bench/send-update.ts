/** An update that is sent again where the server gave it up: the same for both sides. */
import { isGrpcServiceError, type WorkflowHandle } from '@temporalio/client';

const GRPC_FAILED_PRECONDITION = 9;
const ATTEMPTS = 10;

export interface UpdateRequest {
  readonly name: string;
  readonly argument: object;
  /** Makes the second try safe: an update that was accepted the first time is not applied again. */
  readonly updateId: string;
}

/**
 * Sends an update and waits for its answer. An event that reaches the server while the task that closes the workflow
 * is under way (a timer that fires, say) makes the server fail that task, and the updates in it with it
 * (`UNHANDLED_COMMAND`): the caller has to send them again.
 *
 * @param onRetry called before each further try
 */
export async function sendUpdate(
  handle: WorkflowHandle,
  request: UpdateRequest,
  onRetry: () => void,
): Promise<unknown> {
  const { name, argument, updateId } = request;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await handle.executeUpdate<unknown, [object]>(name, { args: [argument], updateId });
    } catch (error) {
      if (attempt === ATTEMPTS || !isGivenUp(error)) throw error;
      onRetry();
    }
  }
}

function isGivenUp(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) && Number(cause.code) === GRPC_FAILED_PRECONDITION;
}
