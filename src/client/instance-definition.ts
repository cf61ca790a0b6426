import type { TaskPlace } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import type { InstanceState } from '../core/state.js';
import type { Definition, PhaseDefinition } from '../definition/definition.js';
import { nearestName } from '../definition/nearest-name.js';
import { accessExecution } from './access-instance.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import type { Execution } from './execution.js';
import { readStartState } from './read-start-state.js';
import { readView } from './read-view.js';

/** What is known of an instance's phases. */
interface KnownPhases {
  readonly definition: Definition;
  /** How often each was entered; null where an end from outside has left nothing but the state of the run's start. */
  readonly visits: InstanceState['phases'] | null;
}

/** What a closed run left, or began with: no worker has to be asked. */
async function closedPhases(
  context: ClientContext,
  instanceId: string,
  execution: Execution,
): Promise<KnownPhases | null> {
  const snapshot = await findClosingSnapshot(context, instanceId, execution);
  if (snapshot !== null) return phasesOf(snapshot.state);
  const start = await readStartState(context, instanceId, execution);
  return start && { definition: start.definition, visits: null };
}

function phasesOf({ definition, phases }: InstanceState): KnownPhases {
  return { definition, visits: phases };
}

async function knownPhases(context: ClientContext, instanceId: string): Promise<KnownPhases> {
  const execution = await accessExecution(context, instanceId);
  const left = execution?.closed == null ? null : await closedPhases(context, instanceId, execution);
  if (left !== null) return left;
  const { state } = await readView<{ readonly state: InstanceState }>(context, instanceId, {
    query: 'get_snapshot',
    fromState: (last) => ({ state: last }),
    overlay: (answer) => answer,
  });
  return phasesOf(state);
}

function refuse(field: string, given: string, names: readonly string[]): never {
  const near = nearestName(given, names);
  const hint = near === undefined ? `It has ${names.slice(0, 20).join(', ')}` : `Did you mean "${near}"?`;
  throw new ChatFlowError('InvalidInputError', `The instance has no ${field} "${given}". ${hint}`, { field });
}

/** A visit that has been made; ahead of it only the first, and the next where a task of it may be answered early. */
function checkVisit({ phase, visit = 1 }: TaskPlace, { tasks }: PhaseDefinition, visits: number): void {
  const ahead = tasks.some(({ early }) => early === 'keep') ? 1 : 0;
  if (visit <= Math.max(1, visits + ahead)) return;
  const last = visits === 0 ? 'it has not been entered' : `its last visit is ${phase}#${visits}`;
  throw new ChatFlowError('InvalidInputError', `There is no visit ${phase}#${visit}: ${last}`, {
    field: 'visit',
  });
}

/**
 * Refuses a place that no task of the instance has had.
 * @throws ChatFlowError `InvalidInputError` with the nearest name, or the last visit
 */
export async function checkTaskPlace(context: ClientContext, place: TaskPlace): Promise<void> {
  const { definition, visits } = await knownPhases(context, place.instance_id);
  const { phases } = definition;
  const phase = phases.find(({ name }) => name === place.phase);
  if (phase === undefined) {
    const names = phases.map(({ name }) => name);
    refuse('phase', place.phase, names);
  }
  if (visits !== null) checkVisit(place, phase, visits[phase.name]?.visits ?? 0);
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
