/** Which task a trigger means. */
import type { JsonObject } from '../json/json.js';
import type { TaskDefinition } from '../definition/definition.js';
import { checkPhase } from './accept-trigger.js';
import { isOpen } from './close-task.js';
import { findTask } from './definition-index.js';
import { refuse } from './fault.js';
import type { TriggerInput } from './shapes.js';
import type { InstanceState, TaskState } from './state.js';
import { TASK_KINDS } from './task-kinds/index.js';

/** A task that has still to open: the key under which it keeps triggers until then. */
export interface EarlyTarget {
  readonly early: string;
  readonly definition: TaskDefinition;
}

/** The open task, or the one that a trigger came too early for. */
export type Target = { readonly task: TaskState } | EarlyTarget;

/** Finds the task that a trigger completes. Throws `TaskNotFoundError` with what is open. */
export function findTarget(state: InstanceState, input: TriggerInput): Target {
  if (input.task === undefined) return { task: unnamedTask(state, input) };
  const exact = state.tasks[input.task];
  if (exact && isOpen(exact) && !exact.foreach) return { task: exact };
  const early = isOfCurrentVisit(state, input.task) ? undefined : keptEarly(state, input.task);
  if (early) return early;
  if (exact)
    return notFound(
      state,
      `Task ${input.task} is ${exact.foreach ? 'a foreach: name one of its elements' : exact.status}`,
    );
  return { task: byShortName(state, input.task, input.claim_id) };
}

function unnamedTask(state: InstanceState, input: TriggerInput): TaskState {
  if (input.claim_id !== undefined) return claimedTask(state, input.claim_id);
  // Who expects another phase is told so, not that this one has nothing to do.
  if (state.current) checkPhase(state.current, input);
  return onlyAgentTask(state);
}

/** A bare name means what is open of the current visit before any task of that name that has still to open. */
function isOfCurrentVisit(state: InstanceState, name: string): boolean {
  return state.engine_version >= 3 && !name.includes('/') && openByShortName(state, name).length > 0;
}

function openByShortName(state: InstanceState, name: string): readonly TaskState[] {
  return openTasks(state).filter(
    (task) => task.entered === state.current?.entered && (task.name === name || shortId(task) === name),
  );
}

function byShortName(state: InstanceState, name: string, claimId: string | undefined): TaskState {
  const matches = openByShortName(state, name);
  const [only] = matches;
  if (!only) return notFound(state, `No open task ${name}`);
  if (matches.length > 1)
    return notFound(state, `Several open tasks are called ${name}: name one by its task_id`);
  const holdsIt = claimId !== undefined && only.claim?.claim_id === claimId;
  if (!holdsIt && TASK_KINDS[only.kind].answeredBy === 'full-name') {
    return notFound(state, `Task ${only.id} is decided only by its full task_id or its claim_id`);
  }
  return only;
}

function shortId(task: TaskState): string {
  return task.id.slice(task.id.indexOf('/') + 1);
}

function onlyAgentTask(state: InstanceState): TaskState {
  const open = openTasks(state).filter(
    (task) => task.phase === state.current?.phase && task.kind === 'agent' && task.waits === 'agent',
  );
  const [only] = open;
  if (only && open.length === 1) return only;
  const why = only
    ? 'Several agent tasks are open: name one in `task`'
    : 'No agent task is open in the current phase';
  return notFound(state, why);
}

/** The open task that carries this claim. */
export function claimedTask(state: InstanceState, claimId: string): TaskState {
  const task = openTasks(state).find((candidate) => candidate.claim?.claim_id === claimId);
  return task ?? notFound(state, `No open task is claimed by ${claimId.slice(0, 64)}`);
}

/** Tasks that are open and can be named: the slots of foreachs cannot. */
export function openTasks(state: InstanceState): TaskState[] {
  return Object.values(state.tasks).filter((task) => isOpen(task) && !task.foreach);
}

/** Refuses with the tasks that are open: at most 20 of them. */
export function notFound(state: InstanceState, why: string): never {
  const open = openTasks(state);
  const listed = open.slice(0, 20).map((task) => task.id);
  const more = open.length > listed.length ? ` and ${open.length - listed.length} more` : '';
  const list = listed.length > 0 ? `open: ${listed.join(', ')}${more}` : 'nothing is open';
  const details: JsonObject = {
    open_tasks: listed,
    open_count: open.length,
    current_phase: state.current?.phase ?? null,
  };
  return refuse('TaskNotFoundError', `${why}; ${list} [instance_id=${state.instance_id}]`, details);
}

const TASK_ID = /^(?<phase>[^#/]+)#(?<visit>\d{1,9})\/(?<name>[^[]+)(\[(?<index>\d{1,9})\])?$/;

interface TaskName {
  readonly phase: string;
  readonly name: string;
  readonly visit?: number;
  readonly index?: number;
}

/** `early: keep`: a trigger may name its task before it opens, by its id or, for any visit, as `phase/name`. */
function keptEarly(state: InstanceState, named: string): EarlyTarget | undefined {
  const parts = parseName(state, named);
  const definition = parts && findTask(state.definition, parts.phase, parts.name);
  if (!parts || definition?.early !== 'keep') return undefined;
  // Of a foreach each element has its own name.
  if ((definition.foreach !== undefined) !== (parts.index !== undefined)) return undefined;
  if (parts.visit === undefined) {
    // A decision kept for any visit could pass a gate that nobody meant.
    if (TASK_KINDS[definition.kind].answeredBy === 'full-name') return undefined;
    const isOpenNow = openTasks(state).some((task) => task.phase === parts.phase && task.name === parts.name);
    return isOpenNow ? undefined : { early: `${parts.phase}/${parts.name}`, definition };
  }
  return isStillToOpen(state, named, parts) ? { early: named, definition } : undefined;
}

function isStillToOpen(state: InstanceState, id: string, parts: TaskName): boolean {
  const visits = state.phases[parts.phase]?.visits ?? 0;
  const visit = parts.visit ?? 0;
  if (visit !== visits) return visit > visits;
  const task = state.tasks[id];
  if (task) return task.status === 'pending';
  const slot = state.tasks[`${parts.phase}#${visit}/${parts.name}`];
  if (slot?.status === 'pending') return true;
  const { foreach } = slot?.status === 'open' ? slot : {};
  return (
    foreach !== undefined && (parts.index ?? 0) >= foreach.next && (parts.index ?? 0) < foreach.items.length
  );
}

function parseName(state: InstanceState, named: string): TaskName | undefined {
  const groups = TASK_ID.exec(named)?.groups;
  if (!groups) {
    const [phase, name] = splitName(state, named);
    return phase === undefined ? undefined : { phase, name };
  }
  const { phase = '', name = '', visit, index } = groups;
  return { phase, name, visit: Number(visit), ...(index === undefined ? {} : { index: Number(index) }) };
}

function splitName(state: InstanceState, named: string): readonly [string | undefined, string] {
  const slash = named.indexOf('/');
  if (slash > 0) return [named.slice(0, slash), named.slice(slash + 1)];
  const phase = state.definition.phases.find((candidate) =>
    candidate.tasks.some((task) => task.name === named),
  );
  return [phase?.name, named];
}
