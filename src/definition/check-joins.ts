/** `join`, `require` and `after`: what a phase waits for can happen. */
import type { Json } from '../json/json.js';
import type { Path, Report } from './finding.js';
import { show } from './finding.js';
import { listOf, type Outline, type PhaseOutline, type TaskOutline } from './outline.js';

export function checkJoins(outline: Outline, report: Report): void {
  for (const phase of outline.phases) {
    checkJoin(phase, report);
    checkRequire(phase, report);
    checkAfter(phase, report);
    checkElements(phase, report);
  }
}

/** The only task of a phase, where it is a foreach: the phase's join is its own, over the elements. */
function isForeachPhase({ tasks }: PhaseOutline): boolean {
  return tasks.length === 1 && tasks[0]?.raw['foreach'] !== undefined;
}

/** `join` and `require` of a foreach over a list that is written out. */
function checkElements(phase: PhaseOutline, report: Report): void {
  for (const task of phase.tasks) {
    const { foreach } = task.raw;
    if (!Array.isArray(foreach)) continue;
    const there = { count: foreach.length, of: 'elements', in: 'list' };
    const holders = isForeachPhase(phase) && !phase.isSingle ? [phase, task] : [task];
    for (const { raw, path } of holders) {
      for (const key of ['join', 'require'] as const) checkCount(raw[key], there, [...path, key], report);
    }
  }
}

function checkJoin(phase: PhaseOutline, report: Report): void {
  const { join } = phase.raw;
  const path = [...phase.path, 'join'];
  if (join === 0 && phase.strategy !== 'concurrent') {
    const message = 'With `join: 0` the phase ends at once and cancels its tasks';
    const hint = '`execution_strategy: concurrent` lets them run on';
    report({ code: 'wrong-value', message, path, hint });
  }
  if (isForeachPhase(phase)) checkDoubleJoin(phase, report);
  else checkCount(join, tasksOf(phase), path, report);
}

/** `join` on a phase and on its one foreach would be two values for one thing. */
function checkDoubleJoin({ isSingle, raw, tasks, path }: PhaseOutline, report: Report): void {
  const [task] = tasks;
  if (isSingle || !task) return;
  for (const key of ['join', 'require'] as const) {
    if (raw[key] === undefined || task.raw[key] === undefined) continue;
    const message = `The phase's \`${key}\` is that of its one foreach, which has its own`;
    report({
      code: 'misplaced-key',
      message,
      path: [...path, key],
      at: 'key',
      hint: 'remove one of the two',
    });
  }
}

function checkRequire(phase: PhaseOutline, report: Report): void {
  if (isForeachPhase(phase)) return;
  checkCount(phase.raw['require'], tasksOf(phase), [...phase.path, 'require'], report);
}

/** What a join counts: `of` and `in` are words for it. */
interface Countable {
  readonly count: number;
  readonly of: string;
  readonly in: string;
}

function tasksOf({ tasks }: PhaseOutline): Countable {
  return { count: tasks.length, of: 'tasks', in: 'phase' };
}

function checkCount(value: Json | undefined, there: Countable, path: Path, report: Report): void {
  const wanted = value === 'any' ? 1 : value;
  if (typeof wanted !== 'number' || wanted <= there.count) return;
  const message = `${show(value)} asks for more ${there.of} than the ${there.count} of this ${there.in}`;
  report({ code: 'join-too-large', message, path });
}

function checkAfter(phase: PhaseOutline, report: Report): void {
  const names = new Set(phase.tasks.map(({ name }) => name));
  for (const task of phase.tasks) {
    if (task.raw['after'] === undefined) continue;
    if (phase.strategy !== 'parallel') {
      const message = '`after` is for tasks of a parallel phase';
      const hint = 'add `execution_strategy: parallel` to the phase';
      report({ code: 'misplaced-key', message, path: [...task.path, 'after'], at: 'key', hint });
    }
    listOf(task.raw['after']).forEach((name, index) => {
      if (typeof name !== 'string' || names.has(name)) return;
      const message = `This phase has no task ${show(name)}`;
      const nearest = { given: name, names: [...names] };
      report({ code: 'unknown-task', message, path: [...task.path, 'after', index], nearest });
    });
  }
  checkCycles(phase.tasks, report);
}

/** A circle of tasks waits for ever. */
function checkCycles(tasks: readonly TaskOutline[], report: Report): void {
  const circle = findCircle(withoutFree(tasks));
  const first = tasks.find(({ name }) => name === circle[0]);
  if (!first) return;
  const message = `Tasks wait for each other: ${[...circle, circle[0]].join(' after ')}`;
  report({ code: 'dependency-cycle', message, path: [...first.path, 'after'] });
}

type Waiting = ReadonlyMap<string, ReadonlySet<string>>;

/** What stays of the tasks when those that wait for nothing are taken away, again and again. */
function withoutFree(tasks: readonly TaskOutline[]): Waiting {
  const known = new Set(tasks.map(({ name }) => name));
  const waiting = new Map(tasks.map((task) => [task.name, new Set(dependenciesOf(task, known))]));
  const free = [...waiting].filter(([, names]) => names.size === 0).map(([name]) => name);
  const dependents = new Map<string, string[]>();
  for (const [name, names] of waiting) {
    for (const dependency of names) {
      const list = dependents.get(dependency);
      if (list) list.push(name);
      else dependents.set(dependency, [name]);
    }
  }
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    waiting.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const names = waiting.get(dependent);
      names?.delete(name);
      if (names?.size === 0) free.push(dependent);
    }
  }
  return waiting;
}

function dependenciesOf({ raw }: TaskOutline, known: ReadonlySet<string>): readonly string[] {
  return listOf(raw['after']).filter((name): name is string => typeof name === 'string' && known.has(name));
}

/** One circle among tasks that all wait; empty where there are none. */
function findCircle(waiting: Waiting): readonly string[] {
  const seen = new Set<string>();
  let [name] = waiting.keys();
  while (name !== undefined && !seen.has(name)) {
    seen.add(name);
    [name] = waiting.get(name) ?? [];
  }
  const order = [...seen];
  return name === undefined ? [] : order.slice(order.indexOf(name));
}
