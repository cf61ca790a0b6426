import { ApplicationFailure } from '@temporalio/activity';
import { ChatFlowError } from '../core/errors.js';

/**
 * The failure that crosses to the workflow: its type is the error's name, its one detail the error's details. Never
 * retried by Temporal: retries are the engine's, which shows them in `attempts`. The cause stays behind, as it may
 * hold what nobody should see.
 */
export function toApplicationFailure(error: ChatFlowError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.type,
    message: error.message,
    nonRetryable: true,
    details: [error.details],
  });
}

/**
 * An activity that refuses with a ChatFlowError by its name. What else goes wrong (a full disk) passes as it is, and
 * Temporal tries again.
 */
export function refusing<Input, Output>(
  run: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      return await run(input);
    } catch (error) {
      throw error instanceof ChatFlowError ? toApplicationFailure(error) : error;
    }
  };
}
