/** Drives a definition to its end in memory: what agents and people answer comes from a table, time from its deadlines. */
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

export interface DriveOptions {
  readonly definition: Definition;
  readonly context: JsonObject;
  /** Called for each open agent task and approval, in order; `task.visit` counts from 1. */
  readonly answer: (task: Task) => Answer;
  readonly automationLevel?: number;
}

export interface Driven {
  readonly state: InstanceState;
  /** `phase#visit`, in order. */
  readonly visits: readonly string[];
  /** Tasks that were answered, by their full id. */
  readonly answered: readonly string[];
}

const MAX_STEPS = 500;

/** Runs until the instance has closed. Throws where it is refused, needs an executor, or does not end. */
export function driveInstance(options: DriveOptions): Driven {
  let state = startInstance(options);
  const answered: string[] = [];
  for (let step = 0; state.closed_at === null; step += 1) {
    if (step === MAX_STEPS) throw new Error(`Not at its end after ${String(MAX_STEPS)} steps`);
    const next = nextEvent(state, options.answer);
    if (next === null)
      throw new Error(`Nothing is open and nothing will happen in ${String(state.current?.phase)}`);
    if (next.type === 'trigger_received') answered.push(next.input.task ?? '');
    state = apply(state, next);
  }
  return { state, visits: state.visits.map((visit) => `${visit.phase}#${String(visit.visit)}`), answered };
}

function startInstance({ definition, context, automationLevel }: DriveOptions): InstanceState {
  const at = Date.UTC(2026, 0, 1);
  const instance = createInstance({
    instance_id: 'wfi_000000000001',
    tenant_id: 'default',
    feature_id: 'feat_test',
    definition,
    definition_digest: 'test',
    context,
    automation_level: automationLevel ?? definition.automation_level ?? 60,
    max_recursion_depth: definition.max_recursion_depth,
    resource_quota: definition.default_resource_quota ?? {},
    at,
  });
  return apply(instance, { type: 'instance_started', at });
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

function apply(state: InstanceState, event: CoreEvent): InstanceState {
  const { state: next, commands, refusal } = transition(state, event);
  if (refusal !== null) throw new Error(`${event.type} was refused: ${refusal.type}: ${refusal.message}`);
  const executors = commands.filter((command: Command) => command.type === 'schedule_activity');
  if (executors.length > 0) throw new Error('The definition runs an executor; this driver has none');
  return next;
}
