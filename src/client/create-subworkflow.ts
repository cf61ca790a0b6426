import { ChatFlowError } from '../core/errors.js';
import type { SubworkflowRequest } from '../core/shapes.js';
import { checkInput } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { prepareStart } from './prepare-start.js';
import { sendUpdate } from './send-update.js';

/**
 * Asks an instance for a child. What can be known of its definition is checked here; the answer comes once the child
 * is reserved and its start commanded.
 *
 * @throws FeatureDisabledError, SchemaNotFoundError, SchemaValidationError, MaxRecursionDepthExceededError,
 *   QuotaExceededError, WorkflowClosedError
 */
export async function createSubworkflow(
  context: ClientContext,
  parentId: string,
  request: SubworkflowRequest,
): Promise<{ readonly instance_id: string }> {
  const checked = checkInput(request, 'subworkflow request');
  if (!context.config.features.subworkflows) {
    throw new ChatFlowError('FeatureDisabledError', 'The configuration has switched subworkflows off', {
      feature: 'subworkflows',
    });
  }
  const { schema, schema_id } = request;
  // Its input is what the parent's variables and the context make together: the child itself looks at that.
  await prepareStart(context, {
    ...(schema && { schema }),
    ...(schema_id !== undefined && { schema_id }),
  }).catch(passInputProblems);
  return sendUpdate(context, parentId, 'create_subworkflow', checked);
}

function passInputProblems(error: unknown): void {
  const isOfInput = error instanceof ChatFlowError && error.message.startsWith('The initial context');
  if (!isOfInput) throw error;
}
