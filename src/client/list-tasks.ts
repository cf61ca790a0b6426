import pMap from 'p-map';
import { ChatFlowError } from '../core/errors.js';
import type { Task, WorkflowState } from '../core/shapes.js';
import type { ClientContext } from './client-context.js';
import { listWaiting } from './list-instances.js';
import { AT_ONCE } from './query-instance.js';
import { readState } from './read-instance.js';
import type { TaskFilter, WaitingTask } from './requests.js';

const DEFAULT_LIMIT = 100;

/** Open tasks that wait for an agent or a person, of one instance. */
export async function listTasksOf(
  context: ClientContext,
  instanceId: string,
): Promise<readonly WaitingTask[]> {
  return waitingTasks(await readState(context, instanceId), {});
}

/**
 * Open tasks that wait for an agent or a person, of the instances that meet a filter, by the time they opened.
 * The index says in which instances something waits, the instances themselves what.
 */
export async function listTasks(
  context: ClientContext,
  filter: TaskFilter = {},
): Promise<readonly WaitingTask[]> {
  const { waiting_for: kind, limit = DEFAULT_LIMIT, ...rest } = filter;
  const kinds = kind === undefined ? ['agent', 'approval'] : [kind];
  const found = await Promise.all(
    kinds.map((waiting_for) => listWaiting(context, { ...rest, waiting_for, limit })),
  );
  const ids = [...new Set(byTurns(found).map((instance) => instance.instance_id))].slice(0, limit);
  const states = await pMap(ids, (id) => readOpenState(context, id), AT_ONCE);
  const tasks = states.flatMap((state) => (state === null ? [] : waitingTasks(state, filter)));
  return tasks.sort((a, b) => compare(a.task.opened_at ?? '', b.task.opened_at ?? ''));
}

/** The first of each list, then the second of each…: whatever is cut off, each has its share. */
function byTurns<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

/** Null for what the index still shows and Temporal has deleted since. */
async function readOpenState(context: ClientContext, instanceId: string): Promise<WorkflowState | null> {
  try {
    return await readState(context, instanceId);
  } catch (error) {
    if (error instanceof ChatFlowError && error.type === 'InstanceNotFoundError') return null;
    throw error;
  }
}

function waitingTasks(state: WorkflowState, filter: TaskFilter): readonly WaitingTask[] {
  const { instance_id, feature_id, workflow_name } = state;
  return state.tasks
    .filter((task) => isWaiting(task, filter))
    .map((task) => ({ instance_id, feature_id, workflow_name, task }));
}

function isWaiting(task: Task, filter: TaskFilter): boolean {
  if (task.status !== 'open') return false;
  if (task.waiting_for !== 'agent' && task.waiting_for !== 'approval') return false;
  return filter.waiting_for === undefined || task.waiting_for === filter.waiting_for;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
