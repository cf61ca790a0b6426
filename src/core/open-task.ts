/** Creating and opening tasks of a visit. */
import type { ResourceQuota, TaskDefinition } from '../definition/definition.js';
import type { Json, JsonObject } from '../json/json.js';
import { NUMBER_RANGES } from '../json/number-ranges.js';
import {
  evaluateCondition,
  evaluateList,
  render,
  renderJoin,
  renderNumber,
  renderSeconds,
  renderText,
} from './evaluate.js';
import { chunkResults, isCompleted, resultAt, resultsOf, withResult } from './element-results.js';
import { isWrittenOut } from './join.js';
import { LIMITS } from './limits.js';
import { elementId, taskExtras } from './scope.js';
import type { Foreach, TaskState, Widths } from './state.js';
import { TASK_KINDS } from './task-kinds/index.js';
import type { Turn } from './turn.js';

/** Creates a task of the current visit, pending. */
export function createTask(
  turn: Turn,
  definition: TaskDefinition,
  given: Pick<TaskState, 'guidance' | 'require'>,
): TaskState {
  const visit = turn.state.current;
  if (!visit) throw new Error('no phase has been entered');
  return turn.putTask({
    id: `${visit.phase}#${visit.visit}/${definition.name}`,
    phase: visit.phase,
    visit: visit.visit,
    name: definition.name,
    kind: definition.kind,
    status: 'pending',
    order: turn.nextOrder(),
    entered: visit.entered,
    attempts: 0,
    ...given,
  });
}

/** Skips a pending task whose condition is false; says whether it did. */
export function skipByCondition(turn: Turn, task: TaskState): boolean {
  const { condition } = turn.taskDefinition(task);
  if (condition === undefined) return false;
  const place = { phase: task.phase, task: task.name, field: 'condition' };
  if (evaluateCondition(turn, condition, place, taskExtras(task))) return false;
  turn.patchTask(task, { status: 'skipped', closed_at: turn.at });
  turn.record('task_skipped', { phase: task.phase, task: task.id, data: { condition } });
  return true;
}

/** Opens a pending task: a slot where it is a foreach, else the task itself. */
export function openTask(turn: Turn, task: TaskState): void {
  const definition = turn.taskDefinition(task);
  if (definition.foreach !== undefined && task.group === undefined) openSlot(turn, task, definition.foreach);
  else openPlainTask(turn, task, definition);
}

function openSlot(turn: Turn, task: TaskState, source: string): void {
  const place = { phase: task.phase, task: task.name, field: 'foreach' };
  const foreach = task.foreach
    ? reopenForeach(task.foreach)
    : { ...beginForeach(evaluateList(turn, source, place)), ...renderWidths(turn, task) };
  turn.patchTask(task, { status: 'open', opened_at: task.opened_at ?? turn.at, foreach });
  turn.record('task_opened', { phase: task.phase, task: task.id, data: { elements: foreach.items.length } });
  turn.attention.push(task.id);
}

function beginForeach(items: Foreach['items']): Foreach {
  const results = chunkResults(items.map(() => null));
  return { items, results, next: 0, open: 0, closed: 0, completed: 0 };
}

/** Widths are evaluated once a visit; nothing is kept where the definition gives all of them itself. */
function renderWidths(turn: Turn, task: TaskState): Pick<Foreach, 'widths'> {
  const { max_parallel, join, require } = turn.taskDefinition(task);
  if (typeof max_parallel === 'number' && [join, require ?? 'all'].every(isWrittenOut)) return {};
  const extras = { phase: task.phase };
  const at = <Field extends string>(field: Field) => ({ phase: task.phase, task: task.name, field });
  const range = NUMBER_RANGES.max_parallel;
  return {
    widths: {
      max_parallel: renderNumber(turn, max_parallel, range, at('max_parallel'), extras),
      join: renderJoin(turn, join, at('join'), extras),
      ...(require === undefined ? {} : { require: renderJoin(turn, require, at('require'), extras) }),
    },
  };
}

/** The widths of an open slot: what was evaluated, else the definition's. */
export function widthsOf(turn: Turn, slot: TaskState, { widths }: Foreach): Widths {
  return widths ?? (turn.taskDefinition(slot) as Widths);
}

/** A retry opens a slot again: what had completed stays so, and attempts are counted on. */
function reopenForeach(foreach: Foreach): Foreach {
  const results = resultsOf(foreach);
  const kept = results.map((result) => (isCompleted(result) ? result : null));
  const tried = results.flatMap((result, index) => (result?.attempts ? [[index, result.attempts]] : []));
  const seeds = results.flatMap((result, index) => (result?.child ? [[index, result.child]] : []));
  const completed = kept.filter((result) => result !== null).length;
  return {
    ...beginForeach(foreach.items),
    results: chunkResults(kept),
    closed: completed,
    completed,
    tried: { ...foreach.tried, ...(Object.fromEntries(tried) as Record<string, number>) },
    ...(seeds.length === 0 ? {} : { seeds: Object.fromEntries(seeds) as Record<string, string> }),
    ...(foreach.widths ? { widths: foreach.widths } : {}),
  };
}

function openPlainTask(turn: Turn, task: TaskState, definition: TaskDefinition): void {
  const extras = taskExtras(task);
  const at = (field: string) => ({ phase: task.phase, task: task.name, field });
  const text =
    definition.text === undefined ? undefined : renderText(turn, definition.text, at('task'), extras);
  const context: Json | undefined =
    definition.context === undefined ? undefined : render(turn, definition.context, at('context'), extras);
  const timeout = definition.timeout_sec ?? TASK_KINDS[task.kind].defaultTimeoutSec;
  const timeoutSec =
    timeout === undefined ? undefined : renderSeconds(turn, timeout, at('timeout_sec'), extras);
  const opened = turn.patchTask(task, {
    status: 'open',
    opened_at: turn.at,
    attempts: task.attempts + 1,
    text,
    context,
  });
  turn.record('task_opened', { phase: task.phase, task: task.id });
  if (timeoutSec !== undefined) {
    turn.setDeadline(`timeout:${task.id}`, {
      at: turn.at + Math.ceil(timeoutSec * 1000),
      kind: 'timeout',
      task: task.id,
    });
    if (timeoutSec === 0 && turn.state.engine_version >= 4) turn.attention.push(task.id);
  }
  TASK_KINDS[task.kind].begin(turn, opened, definition);
  if (earlyKeys(task).some((key) => turn.state.early[key])) turn.attention.push(task.id);
}

/** Under which keys triggers that come before the task opens are kept: its id, or `phase/name` for any visit. */
export function earlyKeys(task: Pick<TaskState, 'id' | 'phase' | 'name' | 'group'>): readonly string[] {
  return task.group === undefined ? [task.id, `${task.phase}/${task.name}`] : [task.id];
}

/** Opens elements of a slot up to `max_parallel`; those that are already completed are passed over. */
export function openElements(turn: Turn, slot: TaskState): void {
  const definition = turn.taskDefinition(slot);
  if (definition.kind === 'subworkflow' && turn.state.windows_held) return;
  for (;;) {
    const current = turn.task(slot.id)?.foreach;
    if (!current || current.next >= current.items.length) return;
    if (current.open >= Math.min(widthsOf(turn, slot, current).max_parallel, LIMITS.maxParallel)) return;
    const index = current.next;
    turn.patchTask(slot, { foreach: { ...current, next: index + 1 } });
    if (resultAt(current, index) === null) openElement(turn, slot, definition, index);
  }
}

/** Opens an element that had failed once more. */
export function reopenElement(
  turn: Turn,
  slot: TaskState,
  {
    index,
    guidance,
    quota,
  }: {
    readonly index: number;
    readonly guidance: string | undefined;
    readonly quota: ResourceQuota | undefined;
  },
): void {
  const { foreach } = slot;
  const failed = foreach && resultAt(foreach, index);
  if (!foreach || !failed) return;
  const known = turn.patchTask(slot, {
    foreach: {
      ...foreach,
      results: withResult(foreach.results, index, null),
      closed: foreach.closed - 1,
      tried: { ...foreach.tried, [index]: failed.attempts ?? 0 },
      ...(failed.child === undefined ? {} : { seeds: { ...foreach.seeds, [index]: failed.child } }),
    },
  });
  const guided = {
    ...known,
    ...(guidance === undefined ? {} : { guidance }),
    ...(quota === undefined ? {} : { quota }),
  };
  openElement(turn, guided, turn.taskDefinition(slot), index);
}

function openElement(turn: Turn, slot: TaskState, definition: TaskDefinition, index: number): void {
  const foreach = turn.task(slot.id)?.foreach;
  if (!foreach) return;
  const attempts = foreach.tried?.[index] ?? 0;
  turn.patchTask(slot, { foreach: { ...foreach, open: foreach.open + 1 } });
  const element = turn.putTask({
    id: elementId(slot, index),
    phase: slot.phase,
    visit: slot.visit,
    name: slot.name,
    kind: definition.kind,
    status: 'pending',
    order: turn.nextOrder(),
    entered: slot.entered,
    attempts,
    ...triedBefore(turn, attempts),
    group: slot.id,
    index,
    item: foreach.items[index] ?? null,
    ...(slot.guidance === undefined ? {} : { guidance: slot.guidance }),
    ...(slot.quota === undefined ? {} : { quota: slot.quota }),
    ...(foreach.seeds?.[index] === undefined ? {} : { child: foreach.seeds[index] }),
    ...(slot.detached ? { detached: true } : {}),
  });
  openPlainTask(turn, element, definition);
}

/** Attempts of a task that a retry by hand opens again; up to version 2 its retry policy counts them too. */
export function triedBefore({ state }: Turn, attempts: number): Pick<TaskState, 'tried'> {
  return state.engine_version >= 3 && attempts > 0 ? { tried: attempts } : {};
}

/** Begins another attempt of an open task. */
export function reopenTask(turn: Turn, task: TaskState): void {
  const next = turn.patchTask(task, { attempts: task.attempts + 1, claim: undefined, error: undefined });
  turn.record('task_retried', {
    phase: task.phase,
    task: task.id,
    data: { attempt: next.attempts } satisfies JsonObject,
  });
  TASK_KINDS[task.kind].begin(turn, next, turn.taskDefinition(task));
}
