import { ChatFlowError } from '../core/errors.js';
import type { SubworkflowRequest, WorkflowStatusInfo } from '../core/shapes.js';
import { checkAccess } from './access-instance.js';
import { checkInput } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { findDefinition } from './prepare-start.js';
import { queryInstance } from './query-instance.js';
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
  const definition = await findDefinition(context, {
    ...(schema && { schema }),
    ...(schema_id !== undefined && { schema_id }),
  });
  await checkDepth(context, parentId, definition.max_recursion_depth);
  return sendUpdate(context, parentId, 'create_subworkflow', checked);
}

/** Limits above are the parent's to check; the child's own is in its definition. */
async function checkDepth(context: ClientContext, parentId: string, max: number): Promise<void> {
  if (max >= context.config.max_recursion_depth) return;
  await checkAccess(context, parentId);
  const parent = await queryInstance<WorkflowStatusInfo>(context, parentId, {
    query: 'get_workflow_status_info',
  });
  const current = parent.depth + 1;
  if (current <= max) return;
  throw new ChatFlowError(
    'MaxRecursionDepthExceededError',
    `A child at depth ${current} is deeper than ${max}, which its definition allows [instance_id=${parentId}]`,
    { current, max, instance_id: parentId },
  );
}
