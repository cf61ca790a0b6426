/**
 * Drives a definition to its end in memory: what agents and people answer, and what children return, comes from a
 * table, time from its deadlines.
 */
import { createInstance } from '../../src/core/create-instance.js';
import type { Command } from '../../src/core/command.js';
import type { CoreEvent } from '../../src/core/event.js';
import type { Problem, Task } from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import { viewTasks } from '../../src/core/views.js';
import type { Definition } from '../../src/definition/definition.js';
import type { JsonObject } from '../../src/json/json.js';

/** What comes of a task: the trigger's data, a failure, or nothing (it waits for its deadline). */
export type Answer = { readonly data: JsonObject } | { readonly fail: Problem } | 'wait';

type StartChild = Extract<Command, { type: 'start_child' }>;

export interface DriveOptions {
  readonly definition: Definition;
  readonly context: JsonObject;
  /** Called for each open agent task and approval, in order; `task.visit` counts from 1. */
  readonly answer: (task: Task) => Answer;
  /** What a child returns, or fails with; it ends as soon as it has started. */
  readonly child?: (start: StartChild) => Exclude<Answer, 'wait'>;
  readonly automationLevel?: number;
  /** How deep in a tree it stands; default 0. */
  readonly depth?: number;
}

export interface Driven {
  readonly state: InstanceState;
  /** `phase#visit`, in order. */
  readonly visits: readonly string[];
  /** Tasks that were answered, by their full id. */
  readonly answered: readonly string[];
}

const MAX_STEPS = 500;

/** An instance with the children that it has asked for and that have not started. */
interface Run {
  readonly state: InstanceState;
  readonly starts: readonly StartChild[];
}

/** Runs until the instance has closed. Throws where it is refused, needs an executor, or does not end. */
export function driveInstance(options: DriveOptions): Driven {
  let run = startInstance(options);
  const answered: string[] = [];
  for (let step = 0; run.state.closed_at === null; step += 1) {
    if (step === MAX_STEPS) throw new Error(`Not at its end after ${String(MAX_STEPS)} steps`);
    const [start] = run.starts;
    if (start !== undefined) {
      run = runChild(run, start, options);
      continue;
    }
    const next = nextEvent(run.state, options.answer);
    if (next === null)
      throw new Error(`Nothing is open and nothing will happen in ${String(run.state.current?.phase)}`);
    if (next.type === 'trigger_received') answered.push(next.input.task ?? '');
    run = apply(run, next);
  }
  const visits = run.state.visits.map((visit) => `${visit.phase}#${String(visit.visit)}`);
  return { state: run.state, visits, answered };
}

function runChild({ state, starts }: Run, start: StartChild, { child }: DriveOptions): Run {
  if (child === undefined) throw new Error('The definition has children; this test answers for none');
  const { instance_id } = start;
  const at = state.updated_at + 1000;
  const started = apply({ state, starts: starts.slice(1) }, { type: 'child_started', at, instance_id });
  const end = child(start);
  const closed =
    'fail' in end
      ? ({ status: 'failed', result: null, problem: end.fail } as const)
      : ({ status: 'completed', result: end.data, problem: null } as const);
  return apply(started, { type: 'child_closed', at: at + 1000, instance_id, ...closed });
}

function startInstance({ definition, context, automationLevel, depth = 0 }: DriveOptions): Run {
  const at = Date.UTC(2026, 0, 1);
  const instance = createInstance({
    instance_id: 'wfi_000000000001',
    tenant_id: 'default',
    feature_id: 'feat_test',
    definition,
    definition_digest: 'test',
    context,
    automation_level: automationLevel ?? definition.automation_level ?? 60,
    recursion_depth: depth,
    max_recursion_depth: definition.max_recursion_depth,
    resource_quota: definition.default_resource_quota ?? {},
    at,
  });
  return apply({ state: instance, starts: [] }, { type: 'instance_started', at });
}

function nextEvent(state: InstanceState, answer: DriveOptions['answer']): CoreEvent | null {
  const at = state.updated_at + 1000;
  const waiting = viewTasks(state).filter(
    (task) => task.status === 'open' && (task.waiting_for === 'agent' || task.waiting_for === 'approval'),
  );
  for (const task of waiting) {
    const given = answer(task);
    if (given === 'wait') continue;
    const what =
      'fail' in given ? { outcome: 'failed' as const, error: given.fail } : { trigger_data: given.data };
    return { type: 'trigger_received', at, via: 'update', input: { task: task.task_id, ...what } };
  }
  const due = Math.min(...Object.values(state.deadlines).map((deadline) => deadline.at));
  return Number.isFinite(due) ? { type: 'deadline_passed', at: Math.max(due, at), due } : null;
}

function apply({ state, starts }: Run, event: CoreEvent): Run {
  const { state: next, commands, refusal } = transition(state, event);
  if (refusal !== null) throw new Error(`${event.type} was refused: ${refusal.type}: ${refusal.message}`);
  const executors = commands.filter((command: Command) => command.type === 'schedule_activity');
  if (executors.length > 0) throw new Error('The definition runs an executor; this driver has none');
  return { state: next, starts: [...starts, ...commands.filter((one) => one.type === 'start_child')] };
}
