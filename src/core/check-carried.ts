/**
 * What a client claims to have checked, and what one run passes to the next, looked at where the shell reads it: a
 * number or a name that Temporal refuses would fail a workflow task for ever. What else is wrong with it, the
 * interpreter fails with a reason.
 */
import type { Executor } from '../definition/definition.js';
import { isJsonObject } from '../json/json.js';
import { checkStartField, START_SHAPE } from './decode-input.js';
import { TASK_KINDS } from './task-kinds/index.js';

const STATUSES = new Set<unknown>(['created', 'running', 'completed', 'failed', 'cancelled']);
const KINDS = new Set<unknown>(Object.keys(TASK_KINDS));
const EXECUTORS = new Set<unknown>(['activity', 'http', 'llm', 'command'] satisfies Executor['type'][]);
/** A hundred years: beyond, a point in time is none. */
const MOST_SECONDS = 3_200_000_000;
const DURATIONS = ['timeout_sec', 'heartbeat_sec', 'for_sec', 'initial_interval_sec', 'max_interval_sec'];
const MOST_NAME_CHARS = 255;

/** Why a value is no state of an instance; null where it is one. */
export function stateProblem(state: unknown): string | null {
  if (!isJsonObject(state)) return 'it is no map';
  const { status, usage, deadlines, events, tasks, phases, current } = state;
  const isWhole =
    STATUSES.has(status) &&
    isJsonObject(usage) &&
    Number.isFinite(usage['tokens']) &&
    Number.isFinite(usage['cost_usd']) &&
    isJsonObject(deadlines) &&
    Object.values(deadlines).every((deadline) => isJsonObject(deadline) && Number.isFinite(deadline['at'])) &&
    Array.isArray(events) &&
    isJsonObject(tasks) &&
    isJsonObject(phases) &&
    (current === null || (isJsonObject(current) && isName(current['phase'])));
  return isWhole ? definitionProblem(state['definition']) : 'it is no state of an instance';
}

/** Why a value is no normalised definition; null where it may be one. */
export function definitionProblem(definition: unknown): string | null {
  if (!isJsonObject(definition) || !isName(definition['name']) || !isName(definition['version']))
    return 'it has no name or no version';
  const { phases } = definition;
  if (!Array.isArray(phases) || phases.length === 0) return 'it has no phases';
  for (const phase of phases as readonly unknown[]) {
    const problem = phaseProblem(phase);
    if (problem !== null) return problem;
  }
  return null;
}

/** Why a value is not what a configuration decides; null where it is. */
export function settingsProblem(settings: unknown): string | null {
  if (!isJsonObject(settings)) return 'it is no map';
  const { default_automation_level, default_resource_quota, max_recursion_depth } = settings;
  if (!Number.isSafeInteger(max_recursion_depth)) return 'max_recursion_depth must be a whole number';
  const level = checkStartField(START_SHAPE.level, default_automation_level);
  if (level !== null) return `default_automation_level ${level}`;
  const quota = checkStartField(START_SHAPE.quota, default_resource_quota);
  return quota === null ? null : `default_resource_quota ${quota}`;
}

function phaseProblem(phase: unknown): string | null {
  if (!isJsonObject(phase) || !isName(phase['name'])) return 'a phase has no name';
  const { name, tasks } = phase;
  if (!Array.isArray(tasks)) return `phase ${name} has no tasks`;
  for (const task of tasks as readonly unknown[]) {
    const problem = taskProblem(task);
    if (problem !== null) return `phase ${name}: ${problem}`;
  }
  return null;
}

function taskProblem(task: unknown): string | null {
  if (!isJsonObject(task) || !isName(task['name'])) return 'a task has no name';
  if (!KINDS.has(task['kind'])) return `task ${task['name']} is of no known kind`;
  for (const place of [task, task['retry'], task['wait']]) {
    if (!isJsonObject(place)) continue;
    const far = DURATIONS.find((key) => !isDuration(place[key]));
    if (far !== undefined) return `task ${task['name']}: ${far} is no duration`;
  }
  return executorProblem(task['executor']) ?? executorProblem(task['compensate']);
}

/** A template stands for a number that is looked at once it is rendered. */
function isDuration(value: unknown): boolean {
  return typeof value !== 'number' || (value >= 0 && value <= MOST_SECONDS);
}

function executorProblem(executor: unknown): string | null {
  if (!isJsonObject(executor)) return null;
  const { type, activity, task_queue } = executor;
  if (!EXECUTORS.has(type)) return 'an executor is of no known type';
  if (typeof activity === 'string' && activity.startsWith('chatflow.'))
    return "names that begin with chatflow. are the engine's own";
  if (task_queue === undefined) return null;
  return isName(task_queue) && !task_queue.startsWith('/_sys/') ? null : 'an executor has no task queue';
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MOST_NAME_CHARS;
}
