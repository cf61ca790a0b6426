import type { TaskPlace } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import type { InstanceState } from '../core/state.js';
import type { Definition } from '../definition/definition.js';
import { nearestName } from '../definition/nearest-name.js';
import { accessExecution } from './access-instance.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import type { Execution } from './execution.js';
import { readStartState } from './read-start-state.js';
import { readView } from './read-view.js';

/** What a closed run left, or began with: no worker has to be asked. */
async function closedState(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
): Promise<InstanceState | null> {
  const snapshot = await findClosingSnapshot(context, instanceId, execution);
  return snapshot?.state ?? readStartState(context, instanceId, execution);
}

/** The definition that an instance follows. */
async function definitionOf(context: ClientContext, instanceId: string): Promise<Definition> {
  const execution = await accessExecution(context, instanceId);
  const left = execution?.closed == null ? null : await closedState(context, instanceId, execution);
  if (left !== null) return left.definition;
  const { state } = await readView<{ readonly state: InstanceState }>(context, instanceId, {
    query: 'get_snapshot',
    fromState: (last) => ({ state: last }),
    overlay: (answer) => answer,
  });
  return state.definition;
}

function refuse(field: string, given: string, names: readonly string[]): never {
  const near = nearestName(given, names);
  const hint = near === undefined ? `It has ${names.slice(0, 20).join(', ')}` : `Did you mean "${near}"?`;
  throw new ChatFlowError('InvalidInputError', `The instance has no ${field} "${given}". ${hint}`, { field });
}

/**
 * Refuses a place that no task of the instance can have.
 * @throws ChatFlowError `InvalidInputError` with the nearest name
 */
export async function checkTaskPlace(context: ClientContext, place: TaskPlace): Promise<void> {
  const { phases } = await definitionOf(context, place.instance_id);
  const phase = phases.find(({ name }) => name === place.phase);
  if (phase === undefined) {
    const names = phases.map(({ name }) => name);
    refuse('phase', place.phase, names);
  }
  const wanted = place.task ?? phase.name;
  const task = phase.tasks.find(({ name }) => name === wanted);
  // A phase of several tasks has artifacts of its own, under its name.
  if (task === undefined && wanted !== phase.name) {
    const names = phase.tasks.map(({ name }) => name);
    refuse('task', wanted, names);
  }
  if (place.index !== undefined && task?.foreach === undefined) {
    throw new ChatFlowError('InvalidInputError', `The task ${wanted} has no elements: it is no foreach`, {
      field: 'task',
    });
  }
}
