import { readSnapshot } from '../artifacts/index.js';
import { cutOff } from '../core/left-behind.js';
import { readLeftBehindState } from './read-left-behind.js';
import type { InstanceState } from '../core/state.js';
import { ChatFlowError } from '../core/errors.js';
import { prepareStart, type DefinitionCache } from '../definition/prepare-definition.js';
import type { ActivityDependencies } from './activity-dependencies.js';
import type { PreparedChild, StartInput } from './activity-types.js';
import { createChildDefinitions } from './child-definitions.js';
import { engineSettings } from './prepare.js';
import { refuseDisabled } from './refuse-disabled.js';

/**
 * The activity `chatflow.prepareChild`, a short read: the definition that a child follows, as it is now; and, of a child
 * that is tried again, what the one before had finished.
 */
export function createPrepareChild(
  deps: ActivityDependencies,
): (input: StartInput) => Promise<PreparedChild> {
  const settings = engineSettings(deps.config);
  const cache: DefinitionCache = new Map();
  const find = createChildDefinitions(deps);
  return async (input) => {
    refuseDisabled(deps.config.features.subworkflows, 'subworkflows');
    const { tenant_id = 'default', child } = input;
    const engine = { ...settings, engine_version: child?.engine_version ?? settings.engine_version };
    const seed = child?.seed === undefined ? null : await readSeed(deps, tenant_id, child.seed);
    if (seed !== null) {
      const { definition, definition_digest: digest } = seed;
      checkDepth(child, Math.min(definition.max_recursion_depth, settings.max_recursion_depth));
      return { definition, digest, context: input.initial_context ?? {}, settings: engine, seed };
    }
    const { start, registry, keep } = await find(input);
    const asked = { ...start, initial_context: input.initial_context ?? {} };
    const { definition, digest, context } = await prepareStart(asked, registry, cache);
    checkDepth(child, Math.min(definition.max_recursion_depth, settings.max_recursion_depth));
    const isKept = keep !== undefined && engine.engine_version >= 9;
    return { definition, digest, context, settings: engine, ...(isKept && { schema_digest: await keep() }) };
  };
}

/** Its own definition may allow less than those above it: only now is it known. */
function checkDepth(child: StartInput['child'], max: number): void {
  if (child === undefined || child.depth <= max) return;
  const { depth: current, parent_instance_id: instance_id } = child;
  throw new ChatFlowError(
    'MaxRecursionDepthExceededError',
    `A child at depth ${current} is deeper than ${max}, which its definition allows [instance_id=${instance_id}]`,
    { current, max, instance_id },
  );
}

/** Of a child that failed, was cancelled or terminated: it goes on with the definition that it had. */
async function readSeed(
  { store }: ActivityDependencies,
  tenantId: string,
  instanceId: string,
): Promise<InstanceState | null> {
  const snapshot = await readSnapshot(store, tenantId, instanceId);
  if (snapshot === null) {
    const left = await readLeftBehindState(store, tenantId, instanceId);
    return left === null ? null : cutOff(left);
  }
  const { state } = snapshot;
  return state.status === 'failed' || state.status === 'cancelled' ? state : null;
}
