/** The names that expressions see, and what stands below them. */
import type { SiteScope } from './expression-sites.js';

const COMMON_ROOTS = [
  'variables',
  'trigger',
  'meta',
  'instance',
  'phases',
  'tasks',
  'children',
  'messages',
  'usage',
];

const OF_ELEMENT = 'stands in a task with `foreach` only, and not in its condition, join and width';

/** Roots that exist in some places only, and where. */
export const BOUND_ROOTS: Readonly<Record<string, string>> = {
  item: OF_ELEMENT,
  index: OF_ELEMENT,
  error: 'stands in `on_failure` only, and in a phase that one leads to',
  result: "stands in a task's `outputs` only",
  output: 'stands in `compensate` only',
};

/** The roots that an expression of this scope may read. */
export function rootsOf(scope: SiteScope): readonly string[] {
  return [
    ...COMMON_ROOTS,
    ...(scope.hasItem ? ['item', 'index'] : []),
    ...(scope.hasError ? ['error'] : []),
    ...(scope.hasResult ? ['result'] : []),
    ...(scope.hasOutput ? ['output'] : []),
  ];
}

/** The fields of roots whose fields are known. */
export const FIELDS = {
  instance: ['id', 'feature_id', 'depth', 'automation_level', 'current_phase', 'parent_id', 'root_id'],
  usage: ['tokens', 'cost_usd', 'unpriced_tokens', 'elapsed_sec'],
  error: ['type', 'message', 'task', 'details'],
  phase: ['status', 'output', 'visits', 'tasks'],
  task: ['status', 'output', 'error'],
} as const;

/** The states of a task. */
export const TASK_STATES = [
  'pending',
  'open',
  'completed',
  'failed',
  'skipped',
  'cancelled',
  'superseded',
] as const;

/** The states of a phase: one that has been entered is running. */
export const PHASE_STATES = [
  'pending',
  'running',
  'completed',
  'failed',
  'skipped',
  'cancelled',
  'superseded',
] as const;
