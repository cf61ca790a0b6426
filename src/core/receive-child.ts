/** What a child has come to: its reports while it is open, and its end, which joins the task that it did. */
import type { ResourceQuota } from '../definition/definition.js';
import { completeTask } from './close-task.js';
import { failInstance } from './end-instance.js';
import type { Problem } from './errors.js';
import type { CoreEvent } from './event.js';
import type { JsonObject } from '../json/json.js';
import { roundDollars } from './money.js';
import { foldChildren } from './past-children.js';
import { countReport } from './report-pace.js';
import { failAttempt } from './route-failure.js';
import { guarded, settle } from './settle.js';
import { leftOf, SUBTRACTED } from './quota.js';
import { RAISE_SIGNAL, raiseBelow, shareBelow } from './shared-quota.js';
import type { ChildState, SubtreeReport, TreeFigures } from './child-state.js';
import type { TaskState } from './state.js';
import { endedAs, figuresOfChild } from './tree-figures.js';
import type { Turn, Writable } from './turn.js';

type ClosedEvent = Extract<CoreEvent, { type: 'child_closed' }>;
type ReportedEvent = Extract<CoreEvent, { type: 'child_reported' }>;

/** A child tells of its subtree. What comes late, or from none of ours, changes nothing. */
export function receiveReport(turn: Turn, { instance_id, report }: ReportedEvent): void {
  const child = turn.state.children?.[instance_id];
  countReport(turn);
  if (child === undefined || child.stage === 'closed' || (child.report?.as_of ?? 0) > report.as_of) return;
  turn.putChild({ ...child, status: report.info.status, report });
  pinDefinition(turn, child, report.schema_digest);
  if (turn.state.engine_version >= 9) hearOfLimits(turn, child, report);
  settle(turn);
}

/** What a name has meant to the first child of a task that tells of it, it means to all after it. */
function pinDefinition(turn: Turn, { task, schema }: ChildState, schema_digest: string | undefined): void {
  const { pinned = {}, engine_version } = turn.state;
  if (engine_version < 9 || task === undefined || schema_digest === undefined) return;
  if (!Object.hasOwn(pinned, schema)) turn.state.pinned = { ...pinned, [schema]: schema_digest };
}

/** What was set aside for it may have been extended, and what it had set aside itself may have come back. */
function hearOfLimits(turn: Turn, before: ChildState, { extended, reserved }: SubtreeReport): void {
  if (extended !== undefined) grantExtension(turn, before.id, extended);
  const isFreed = SUBTRACTED.some((name) => (reserved?.[name] ?? 0) < (before.report?.reserved?.[name] ?? 0));
  if (isFreed) shareBelow(turn);
}

/** Sets aside what a child's own quota was extended by, as far as there is so much; the rest it has to give back. */
function grantExtension(turn: Turn, id: string, extended: ResourceQuota): void {
  const grantedNow: Writable<ResourceQuota> = {};
  const cut_to: Writable<ResourceQuota> = {};
  for (const name of SUBTRACTED) {
    const child = turn.state.children?.[id];
    const [granted, wanted] = [child?.set_aside?.[name], extended[name]];
    if (child === undefined || granted === undefined || wanted === undefined) continue;
    const left = leftOf(turn.state, name, turn.at) ?? Infinity;
    const most = Math.max(granted, Math.min(wanted, roundDollars(granted + left)));
    turn.putChild({ ...child, set_aside: { ...child.set_aside, [name]: most } });
    grantedNow[name] = most;
    if (most < wanted) cut_to[name] = most;
  }
  const argument = { granted: { ...grantedNow }, cut_to: { ...cut_to } };
  turn.command({ type: 'signal_child', instance_id: id, signal: RAISE_SIGNAL, argument });
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
  if (turn.state.engine_version >= 9) lookForRoom(turn);
  settle(turn);
}

/** What it had set aside may be what a task has waited for. */
function lookForRoom(turn: Turn): void {
  for (const task of Object.values(turn.state.tasks))
    if (task.refusal && task.status === 'open') turn.attention.push(task.id);
}

function noteEnd(turn: Turn, child: ChildState, event: ClosedEvent): void {
  const { status, problem, result } = event;
  const { id, task } = child;
  turn.clearDeadline(`kill:${id}`);
  const report = event.report ?? child.report;
  pinDefinition(turn, child, report?.schema_digest);
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
  if (turn.state.engine_version >= 9) shareBelow(turn);
  else if (turn.state.engine_version >= 7) raiseBelow(turn, unusedOf(child, figures));
  turn.record(`subworkflow_${status}`, {
    ...(task === undefined ? {} : { task, phase: task.slice(0, task.indexOf('#')) }),
    data: {
      instance_id: id,
      ...(problem === null ? {} : factsOf(turn, problem)),
    },
  });
}

function factsOf({ state }: Turn, { type, message, details }: Problem): JsonObject {
  const isTold = details !== undefined && state.engine_version >= 9;
  return { type, message, ...(isTold ? { details } : {}) };
}

/** What was set aside for a child and is its parent's again. Before version 9. */
function unusedOf({ set_aside = {} }: ChildState, { tokens, cost_usd }: TreeFigures): ResourceQuota {
  const { max_tokens, max_cost_usd } = set_aside;
  const unused = [
    ['max_tokens', (max_tokens ?? 0) - tokens],
    ['max_cost_usd', roundDollars((max_cost_usd ?? 0) - cost_usd)],
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

function joinTask(turn: Turn, task: TaskState, event: ClosedEvent): void {
  const { status, result, problem, instance_id } = event;
  if (status === 'completed') completeTask(turn, task, { data: result, merges: false });
  else failAttempt(turn, withSeed(turn, task, event), problem ?? endedProblem(instance_id, status));
}

/** One that was terminated before it began leaves nothing to go on from: the next goes on from where it did itself. */
function withSeed(turn: Turn, task: TaskState, { status, report }: ClosedEvent): TaskState {
  const { child } = task;
  const { engine_version } = turn.state;
  const isLeft = status !== 'terminated' || (engine_version >= 9 && report !== undefined);
  if (engine_version < 6 || child === undefined || !isLeft) return task;
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
