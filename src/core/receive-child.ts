/** What a child has come to: its reports while it is open, and its end, which joins the task that it did. */
import type { ResourceQuota } from '../definition/definition.js';
import { completeTask } from './close-task.js';
import { failInstance } from './end-instance.js';
import type { Problem } from './errors.js';
import type { CoreEvent } from './event.js';
import { roundMicroDollars } from './money.js';
import { foldChildren } from './past-children.js';
import { countReport } from './report-pace.js';
import { failAttempt } from './route-failure.js';
import { guarded, settle } from './settle.js';
import { raiseBelow } from './shared-quota.js';
import type { ChildState, TreeFigures } from './child-state.js';
import type { TaskState } from './state.js';
import { endedAs, figuresOfChild } from './tree-figures.js';
import type { Turn } from './turn.js';

type ClosedEvent = Extract<CoreEvent, { type: 'child_closed' }>;
type ReportedEvent = Extract<CoreEvent, { type: 'child_reported' }>;

/** A child tells of its subtree. What comes late, or from none of ours, changes nothing. */
export function receiveReport(turn: Turn, { instance_id, report }: ReportedEvent): void {
  const child = turn.state.children?.[instance_id];
  countReport(turn);
  if (child === undefined || child.stage === 'closed' || (child.report?.as_of ?? 0) > report.as_of) return;
  turn.putChild({ ...child, status: report.info.status, report });
  settle(turn);
}

/** A child has ended: it is counted at once, and joined at once, or at the resume of a pause. */
export function receiveChild(turn: Turn, event: ClosedEvent): void {
  const child = turn.state.children?.[event.instance_id];
  if (child === undefined) return;
  if (child.stage !== 'closed') noteEnd(turn, child, event);
  if (turn.state.paused) {
    turn.append('held', event);
    return;
  }
  joinChild(turn, child, event);
  foldChildren(turn);
  settle(turn);
}

function noteEnd(turn: Turn, child: ChildState, event: ClosedEvent): void {
  const { status, problem, result } = event;
  const { id, task } = child;
  turn.clearDeadline(`kill:${id}`);
  const report = event.report ?? child.report;
  const figures = endedAs(report?.figures ?? figuresOfChild(turn.state, child), status);
  const { request: _started, ...rest } = child;
  turn.putChild({
    ...rest,
    stage: 'closed',
    status,
    ...(report ? { report: { ...report, figures, info: { ...report.info, status } } } : {}),
    ...(task === undefined && status === 'completed' ? { result } : {}),
    ...(problem === null ? {} : { failure: problem }),
  });
  if (turn.state.engine_version >= 7) raiseBelow(turn, unusedOf(child, figures));
  turn.record(`subworkflow_${status}`, {
    ...(task === undefined ? {} : { task, phase: task.slice(0, task.indexOf('#')) }),
    data: {
      instance_id: id,
      ...(problem === null ? {} : { type: problem.type, message: problem.message }),
    },
  });
}

/** What was set aside for a child and is its parent's again: those that share what the parent has left may use it. */
function unusedOf({ set_aside = {} }: ChildState, { tokens, cost_usd }: TreeFigures): ResourceQuota {
  const { max_tokens, max_cost_usd } = set_aside;
  const unused = [
    ['max_tokens', (max_tokens ?? 0) - tokens],
    ['max_cost_usd', roundMicroDollars((max_cost_usd ?? 0) - cost_usd)],
  ] as const;
  return Object.fromEntries(unused.filter(([, amount]) => amount > 0));
}

function joinChild(turn: Turn, child: ChildState, event: ClosedEvent): void {
  if (child.task === undefined) {
    joinRequested(turn, child, event);
    return;
  }
  const task = turn.task(child.task);
  if (task?.status !== 'open' || task.child !== child.id) {
    turn.record('task_superseded', { task: child.task, data: { late: event.type, instance_id: child.id } });
    return;
  }
  guarded(turn, task, () => {
    joinTask(turn, task, event);
    return true;
  });
}

function joinTask(turn: Turn, task: TaskState, { status, result, problem, instance_id }: ClosedEvent): void {
  if (status === 'completed') completeTask(turn, task, { data: result, merges: false });
  else failAttempt(turn, withSeed(turn, task, status), problem ?? endedProblem(instance_id, status));
}

/** One that was terminated leaves nothing to go on from: the next goes on from where it did itself. */
function withSeed(turn: Turn, task: TaskState, status: string): TaskState {
  const { child } = task;
  if (turn.state.engine_version < 6 || child === undefined || status === 'terminated') return task;
  return turn.patchTask(task, { seed: child });
}

/** Of a child that was asked for at run time nobody waits but the end of the instance. */
function joinRequested(turn: Turn, child: ChildState, { status, problem, instance_id }: ClosedEvent): void {
  if (status === 'completed' || child.on_failure !== 'fail' || turn.state.ending) return;
  failInstance(turn, problem ?? endedProblem(instance_id, status), {});
}

function endedProblem(instance_id: string, status: string): Problem {
  return {
    type: 'WorkflowFailedError',
    message: `The child was ${status} [instance_id=${instance_id}]`,
    details: { instance_id, status },
  };
}
