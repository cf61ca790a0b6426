/** What expressions see. Roots are built only when an expression names them. */
import type { TaskDefinition } from '../definition/definition.js';
import type { Scope } from '../expression/index.js';
import type { Json, JsonObject } from '../json/json.js';
import { resultsOf } from './element-results.js';
import { readPhaseOutput } from './phase-output.js';
import { elapsedMs } from './quota.js';
import type { ElementResult, TaskState } from './state.js';
import { allChildrenOf, figuresOf } from './tree-figures.js';
import type { Turn } from './turn.js';

/** What an expression sees besides the instance: the element of a foreach, a result, the failure at hand. */
export interface ScopeExtras {
  readonly item?: Json | undefined;
  readonly index?: number | undefined;
  /** In a task's `outputs`: what closed that task. */
  readonly result?: Json | undefined;
  readonly error?: JsonObject | undefined;
  /** In `compensate`: what the task had brought. */
  readonly output?: Json | undefined;
  /** The phase whose tasks `tasks` means; default: the current one. */
  readonly phase?: string | undefined;
}

/** The scope of an expression of this turn, as the state is now. */
export function buildScope(turn: Turn, extras: ScopeExtras = {}): Scope {
  const phase = extras.phase ?? turn.state.current?.phase;
  return {
    variables: () => turn.state.variables,
    trigger: () => turn.state.current?.trigger ?? {},
    meta: () => turn.state.meta,
    messages: () => turn.state.messages,
    children: () => childrenScope(turn),
    usage: () => usageScope(turn),
    instance: () => instanceScope(turn),
    phases: () => phasesScope(turn),
    tasks: () => (phase === undefined ? {} : tasksScope(turn, phase)),
    error: () => extras.error ?? turn.state.current?.error ?? {},
    result: () => extras.result ?? {},
    output: () => extras.output ?? {},
    item: () => extras.item ?? null,
    index: () => extras.index ?? 0,
  };
}

/** The extras of a task: its element, where it is one of a foreach. */
export function taskExtras(task: Pick<TaskState, 'item' | 'index' | 'phase'>): ScopeExtras {
  return { item: task.item, index: task.index, phase: task.phase };
}

function childrenScope({ state }: Turn): Json[] {
  return allChildrenOf(state).map(({ id, schema, task, status, result }) => ({
    id,
    schema,
    task: task ?? null,
    status,
    result: result ?? (task === undefined ? undefined : state.tasks[task]?.output) ?? null,
  }));
}

/** Of the instance with all below it. What some of the tokens cost is not known: then the cost is not. */
function usageScope(turn: Turn): JsonObject {
  const { tokens, cost_usd, unpriced_tokens = 0 } = figuresOf(turn.state);
  const elapsed_sec = elapsedMs(turn.state, turn.at) / 1000;
  if (turn.state.engine_version < 9) return { tokens, cost_usd, elapsed_sec };
  return { tokens, cost_usd: unpriced_tokens > 0 ? null : cost_usd, unpriced_tokens, elapsed_sec };
}

function instanceScope(turn: Turn): JsonObject {
  const state = turn.state;
  return {
    id: state.instance_id,
    feature_id: state.feature_id,
    depth: state.recursion_depth,
    automation_level: state.automation_level,
    current_phase: state.current?.phase ?? null,
    parent_id: state.parent_instance_id,
    root_id: state.root_instance_id,
  };
}

function phasesScope(turn: Turn): JsonObject {
  const scope: Record<string, Json> = {};
  for (const { name } of turn.definition.phases) {
    const phase = turn.phaseState(name);
    scope[name] = {
      status: phase.status,
      visits: phase.visits,
      output: readPhaseOutput(turn, phase),
      tasks: tasksScope(turn, name),
    };
  }
  return scope;
}

function tasksScope(turn: Turn, phase: string): JsonObject {
  const scope: Record<string, Json> = {};
  const { tasks } = turn.phaseDefinition(phase);
  for (const task of tasks) {
    scope[task.name] = isList(turn, task) ? [] : { status: 'pending', output: null, error: null };
  }
  for (const id of turn.phaseState(phase).tasks) {
    const task = turn.task(id);
    if (task?.foreach) scope[task.name] = elementScopes(turn, task);
    else if (task && !isList(turn, turn.taskDefinition(task))) scope[task.name] = taskScope(task);
  }
  return scope;
}

/** A foreach is a list, also where it has not opened or was passed over. */
function isList({ state }: Turn, { foreach }: TaskDefinition): boolean {
  return state.engine_version >= 4 && foreach !== undefined;
}

function taskScope(task: Pick<TaskState, 'status' | 'output' | 'error'>): JsonObject {
  return {
    status: task.status,
    output: task.output ?? null,
    error: task.error
      ? { type: task.error.type, message: task.error.message, details: task.error.details ?? null }
      : null,
  };
}

function elementScopes(turn: Turn, slot: TaskState): Json[] {
  if (!slot.foreach) return [];
  return resultsOf(slot.foreach).map((result, index) => taskScope(elementOf(turn, slot, index, result)));
}

function elementOf(
  turn: Turn,
  slot: TaskState,
  index: number,
  result: ElementResult | null,
): Pick<TaskState, 'status' | 'output' | 'error'> {
  if (result) return { status: 'completed', ...result };
  return turn.task(elementId(slot, index)) ?? { status: 'pending' };
}

/** The id of one element of a foreach. */
export function elementId(slot: TaskState, index: number): string {
  return `${slot.id}[${index}]`;
}
