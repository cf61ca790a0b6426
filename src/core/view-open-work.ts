import type { Task } from './shapes.js';
import type { InstanceState } from './state.js';
import { statusOf } from './summary.js';
import { childrenOf } from './tree-figures.js';
import { viewTasks } from './views.js';

/** Lines of tasks and of children; the rest is counted. */
const MOST_LINES = 50;

/**
 * What an instance stands at, a line each: its phase, then the tasks that are open, then the children. What Temporal's Web UI and
 * `temporal workflow stack` show in place of a stack trace, which would name the same lines of the interpreter for any instance.
 */
export function viewOpenWork(state: InstanceState): string {
  const { definition, current } = state;
  const where = current === null ? '' : `, phase ${current.phase}#${current.visit}`;
  const open = viewTasks(state).filter(({ status }) => status === 'open');
  const children = childrenOf(state).filter(({ stage }) => stage !== 'closed');
  const lines = [...open.map(lineOf), ...children.map(({ id, schema }) => `    child ${id} (${schema})`)];
  const more = lines.length > MOST_LINES ? [`    and ${lines.length - MOST_LINES} more`] : [];
  return [
    `${definition.name}@${definition.version} is ${statusOf(state)}${where}`,
    ...lines.slice(0, MOST_LINES),
    ...more,
  ].join('\n');
}

function lineOf({ task_id, kind, opened_at, claimed_by }: Task): string {
  const since = opened_at === null ? '' : `, open since ${opened_at}`;
  const by = claimed_by === undefined ? '' : `, claimed by ${claimed_by}`;
  return `    at ${task_id} (${kind}${since}${by})`;
}
