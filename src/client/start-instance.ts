import { ChatFlowError } from '../core/errors.js';
import { planStart } from '../core/plan.js';
import type { WorkflowStartResult } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import { statusOf } from '../core/summary.js';
import { transition } from '../core/transition.js';
import type { PreparedDefinition, StartInput } from '../workflows/messages.js';
import { DEFAULT_TENANT } from './default-tenant.js';
import { checkStartRequest } from './check-start-request.js';
import type { ClientContext } from './client-context.js';
import { initialState } from './initial-state.js';
import { newInstanceId } from './instance-id.js';
import { prepareStart } from './prepare-start.js';
import type { StartRequest } from './requests.js';
import { startExecution } from './start-execution.js';

/** Ids have 48 random bits: one draw in a billion meets an old instance, five in a row never do. */
const DRAWS = 5;
/** Stands for the id that a planned instance does not have. */
const NO_ID = 'wfi_000000000000';

/** Starts an instance, or plans it (`dry_run`). Whatever can be refused is refused before Temporal is asked. */
export async function startInstance(
  context: ClientContext,
  request: StartRequest,
): Promise<WorkflowStartResult> {
  const checked = checkStartRequest(request, context.tenant);
  const prepared = await prepareStart(context, checked);
  const input = toStartInput(context, checked, prepared);
  if (checked.dry_run === true) return planInstance(input, prepared);
  for (let draw = 0; draw < DRAWS; draw++) {
    const state = firstState(newInstanceId(), input, prepared);
    if (await startExecution(context, state, { input, reuse: 'REJECT_DUPLICATE' })) return toResult(state);
  }
  throw new ChatFlowError('InternalError', `No free instance id was found in ${DRAWS} draws`);
}

/** What a start would do, by the rules by which it would run: no server is asked. */
function planInstance(input: StartInput, prepared: PreparedDefinition): WorkflowStartResult {
  const plan = planStart(initialState(NO_ID, { input, prepared, at: Date.now() }));
  return { ...toResult(firstState(NO_ID, input, prepared)), instance_id: null, dry_run: true, plan };
}

function toStartInput(
  context: ClientContext,
  request: StartRequest,
  prepared: PreparedDefinition,
): StartInput {
  const { meta, resource_quota, automation_level } = request;
  return {
    feature_id: request.feature_id ?? prepared.definition.name,
    tenant_id: request.tenant_id ?? context.tenant ?? DEFAULT_TENANT,
    ...(meta !== undefined && { meta }),
    ...(resource_quota !== undefined && { resource_quota }),
    ...(automation_level !== undefined && { automation_level }),
    prepared,
  };
}

/**
 * The state in which the instance will find itself after its first workflow task. It gives the answer and the search
 * attributes of the start, so that the task itself has none to set (an upsert costs half a step).
 */
function firstState(instanceId: string, input: StartInput, prepared: PreparedDefinition): InstanceState {
  const at = Date.now();
  const created = initialState(instanceId, { input, prepared, at });
  return transition(created, { type: 'instance_started', at }).state;
}

function toResult(state: InstanceState): WorkflowStartResult {
  return {
    instance_id: state.instance_id,
    status: statusOf(state),
    current_phase: state.current?.phase ?? null,
    feature_id: state.feature_id,
    workflow_name: state.definition.name,
    schema_version: state.definition.version,
    dry_run: false,
  };
}
