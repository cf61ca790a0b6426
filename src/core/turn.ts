/**
 * A turn is one call of `transition`: a draft of the state, the commands it has led to, and the budget its
 * expressions share. Copy on write: the state that came in is never touched.
 */
import { ExpressionBudget } from '../expression/index.js';
import type { Definition, PhaseDefinition, TaskDefinition } from '../definition/definition.js';
import type { Json, JsonObject } from '../json/json.js';
import { rememberAppended } from '../json/json-size.js';
import type { Command } from './command.js';
import { findPhase, findTask } from './definition-index.js';
import type { Problem } from './errors.js';
import type { HistoryEvent } from './shapes.js';
import { forgetSum } from './tree-figures.js';
import type { ChildState } from './child-state.js';
import type { CurrentVisit, Deadline, InstanceState, PhaseState, TaskState } from './state.js';

type Draft = Writable<InstanceState>;
/** The same, to be filled in. */
export type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
/** Fields of a patch that are `undefined` are removed: the state stays JSON. */
type Patch<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

export class Turn {
  readonly at: number;
  readonly state: Draft;
  readonly definition: Definition;
  readonly budget = new ExpressionBudget();
  readonly commands: Command[] = [];
  /** Bytes of what has been started. */
  startedBytes = 0;
  startedChildren = 0;
  /** Why tasks that were just opened cannot begin: `settle` fails them. */
  readonly unfit = new Map<string, Problem>();
  /** Tasks whose child was refused, with the reason: `settle` ends the attempt. */
  readonly refused = new Map<string, Problem>();
  /** Phases entered in this turn: bounds loops that wait for nothing. */
  phaseEntries = 0;
  /** Tasks that `settle` must look at: slots whose elements moved, decisions that may be taken. */
  readonly attention: string[] = [];
  private iso: string | undefined;
  private readonly owned = new Set<keyof InstanceState>();

  constructor(state: InstanceState, at: number) {
    this.state = { ...state };
    this.definition = state.definition;
    this.at = at;
  }

  phaseDefinition(name: string): PhaseDefinition {
    return findPhase(this.definition, name);
  }

  taskDefinition(task: TaskState): TaskDefinition {
    const found = findTask(this.definition, task.phase, task.name);
    if (!found) throw new Error(`the definition has no task ${task.phase}/${task.name}`);
    return found;
  }

  task(id: string): TaskState | undefined {
    return this.state.tasks[id];
  }

  putTask(task: TaskState): TaskState {
    this.own('tasks')[task.id] = task;
    return task;
  }

  patchTask(task: TaskState, patch: Patch<TaskState>): TaskState {
    return this.putTask(applyPatch(this.state.tasks[task.id] ?? task, patch));
  }

  dropTask(id: string): void {
    delete this.own('tasks')[id];
  }

  patchPhase(name: string, patch: Patch<PhaseState>): void {
    const before = this.phaseState(name);
    this.own('phases')[name] = applyPatch(before, patch);
  }

  phaseState(name: string): PhaseState {
    return this.state.phases[name] ?? { status: 'pending', visits: 0, entered: 0, tasks: [] };
  }

  patchCurrent(patch: Patch<CurrentVisit>): void {
    if (this.state.current) this.state.current = applyPatch(this.state.current, patch);
  }

  putChild(child: ChildState): ChildState {
    const children = this.own('children');
    forgetSum(children);
    children[child.id] = child;
    return child;
  }

  dropChild(id: string): void {
    const children = this.own('children');
    forgetSum(children);
    delete children[id];
  }

  setDeadline(key: string, deadline: Deadline): void {
    this.own('deadlines')[key] = deadline;
  }

  clearDeadline(key: string): void {
    if (this.state.deadlines[key]) delete this.own('deadlines')[key];
  }

  mergeVariables(values: JsonObject): void {
    if (Object.keys(values).length > 0) this.state.variables = { ...this.state.variables, ...values };
  }

  command(command: Command): void {
    this.commands.push(command);
  }

  /** Appends to the audit stream. */
  record(eventType: string, facts: { phase?: string; task?: string; data?: JsonObject } = {}): void {
    const event: HistoryEvent = {
      seq: this.state.next_seq,
      event_type: eventType,
      phase: facts.phase ?? null,
      task: facts.task ?? null,
      timestamp: (this.iso ??= isoTime(this.at)),
      data: facts.data ?? {},
    };
    this.state.next_seq += 1;
    this.append('events', event);
  }

  append<Key extends 'events' | 'visits' | 'segments' | 'artifacts' | 'held' | 'applied' | 'compensations'>(
    key: Key,
    entry: InstanceState[Key][number],
  ): void {
    const before = this.state[key] as unknown as Json[];
    const after = this.owned.has(key) ? before : [...before];
    after.push(entry as unknown as Json);
    if (key === 'visits' || key === 'events') rememberAppended(before, after, entry as unknown as Json);
    (this.state as Record<Key, unknown>)[key] = after;
    this.owned.add(key);
  }

  nextOrder(): number {
    return this.state.next_order++;
  }

  private own<Key extends 'tasks' | 'phases' | 'deadlines' | 'children'>(
    key: Key,
  ): Writable<NonNullable<InstanceState[Key]>> {
    if (!this.owned.has(key)) {
      (this.state as Record<Key, unknown>)[key] = copyMap(this.state[key] ?? {});
      this.owned.add(key);
    }
    return this.state[key] as Writable<NonNullable<InstanceState[Key]>>;
  }

  /** Replaces a list that `append` may have made its own. */
  replace<Key extends 'events' | 'visits' | 'held' | 'applied' | 'compensations'>(
    key: Key,
    list: InstanceState[Key],
  ): void {
    (this.state as Record<Key, unknown>)[key] = list;
    this.owned.delete(key);
  }
}

/** A shallow copy. Maps with hundreds of keys are copied ten times faster so than by a spread (measured). */
function copyMap(map: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(map)) copy[key] = map[key];
  return copy;
}

function applyPatch<T extends object>(before: T, patch: Patch<T>): T {
  const next = { ...before } as Record<string, unknown>;
  for (const key in patch) {
    const value = patch[key];
    if (value === undefined) delete next[key];
    else next[key] = value;
  }
  return next as T;
}

/** Milliseconds since the epoch as an ISO-8601 UTC string. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
