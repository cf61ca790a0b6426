/** Starting children from the queue, and what the server says of it. */
import type { TaskDefinition } from '../definition/definition.js';
import { inheritedVariables, pinnedDefinition } from './child-of-task.js';
import type { ChildStart } from './command.js';
import { drawId, queueKey } from './create-child.js';
import { killChild } from './end-child.js';
import { askedPace } from './report-pace.js';
import type { ChildState } from './child-state.js';
import type { Turn } from './turn.js';

/** What a queued child is started with; null where it is none any more. */
export function startInput(turn: Turn, child: ChildState): ChildStart | null {
  const { state } = turn;
  const { request } = child;
  const report_sec = askedPace(state.heard_reports ?? 0);
  if (child.stage !== 'queued' || request === undefined) return null;
  const task = taskOf(turn, child);
  const inherited =
    task && request.definition === undefined ? inheritedVariables(state.variables, task.inherit) : {};
  return {
    feature_id: state.feature_id,
    tenant_id: state.tenant_id,
    meta: { ...state.meta, ...(request.meta ?? task?.meta) },
    automation_level: state.automation_level,
    initial_context: { ...inherited, ...request.context },
    child: {
      parent_instance_id: state.instance_id,
      root_instance_id: state.root_instance_id,
      depth: state.recursion_depth + 1,
      max_recursion_depth: state.max_recursion_depth,
      grant: request.grant,
      engine_version: state.engine_version,
      ...(request.seed === undefined ? {} : { seed: request.seed }),
      ...(report_sec === undefined ? {} : { report_sec }),
    },
  };
}

/** The task that a child does, as it is defined; undefined for one that was asked for at run time. */
function taskOf(turn: Turn, child: ChildState): TaskDefinition | undefined {
  const task = child.task === undefined ? undefined : turn.task(child.task);
  return task && turn.taskDefinition(task);
}

/** Commands the start of a child. */
export function startChild(turn: Turn, child: ChildState, input: ChildStart): void {
  const { request, task, schema, id } = child;
  if (request === undefined) return;
  turn.putChild({ ...child, stage: 'starting' });
  turn.record('subworkflow_created', {
    ...(task === undefined ? {} : { task, phase: task.slice(0, task.indexOf('#')) }),
    data: { instance_id: id, schema },
  });
  const definition = request.definition ?? pinnedDefinition(taskOf(turn, child) ?? {}, turn.state);
  turn.command({ type: 'start_child', instance_id: id, definition, input });
}

/** The child runs: what it was started with is its own matter now. */
export function confirmStart(turn: Turn, id: string): void {
  const child = turn.state.children?.[id];
  if (child?.stage !== 'starting') return;
  const { request: _done, ...rest } = child;
  const open = turn.putChild({ ...rest, stage: 'open' });
  // Its termination may have come before it was there.
  if (open.killed !== undefined) killChild(turn, id, open.killed);
}

/** Somebody else's instance has the id: the child gets another one, and starts again. */
export function redrawId(turn: Turn, id: string): void {
  const { state } = turn;
  const child = state.children?.[id];
  if (child?.stage !== 'starting') return;
  turn.dropChild(id);
  if (state.engine_version >= 6 && child.ending) {
    // There is nothing to start any more, and the instance of that id is not this one's to end.
    turn.clearDeadline(`kill:${id}`);
    return;
  }
  const order = turn.nextOrder();
  const drawn = turn.putChild({ ...child, id: drawId(turn, order), order, stage: 'queued' });
  const task = child.task === undefined ? undefined : turn.task(child.task);
  if (task?.child === id) turn.patchTask(task, { child: drawn.id });
  state.queue = [...state.queue, queueKey(drawn.id)];
}
