/** What must hold of every instance after every event, whatever the definition and whatever came in. */
import { expect } from 'vitest';
import type { Transition } from '../../src/core/command.js';
import type { CoreEvent } from '../../src/core/event.js';
import { isCompleted, resultsOf } from '../../src/core/element-results.js';
import { LIMITS } from '../../src/core/limits.js';
import type { InstanceState, TaskState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import { viewHistory, viewTreeStatus, viewWorkflowState } from '../../src/core/views.js';
import { jsonSize } from '../../src/json/json-size.js';
import type { Json } from '../../src/json/json.js';

/** What the driver has counted by itself. */
export interface Ledger {
  readonly state: InstanceState;
  readonly at: number;
  readonly schedules: ReadonlyMap<string, unknown>;
  readonly ended: number;
}

interface Step {
  readonly before: InstanceState;
  readonly event: CoreEvent;
  readonly outcome: Transition<InstanceState>;
}

const frozen = new WeakSet();

/** Freezes a value to its depth: a change of it throws, as modules are strict. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return;
  frozen.add(value);
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
}

/** Fails the test where a step has broken what must hold. */
export function checkStep(ledger: Ledger, step: Step): void {
  const { before, outcome } = step;
  if (outcome.refusal) {
    expect(outcome.state, 'a refusal changes nothing').toBe(before);
    expect(outcome.commands, 'a refusal has no commands').toEqual([]);
    return;
  }
  checkRoundTrip(step);
  checkSize(before, outcome.state);
  checkSequence(outcome.state);
  expect(outcome.state.running_activities, 'scheduled minus ended').toBe(
    ledger.schedules.size - ledger.ended,
  );
  for (const task of Object.values(outcome.state.tasks)) checkTask(outcome.state, task);
  checkQueueAndDeadlines(outcome.state);
  checkClosed(before, outcome);
  checkViews(outcome.state, ledger.at);
}

/** Deterministic, and one JSON value: what continue-as-new carries behaves alike. */
function checkRoundTrip({ before, event, outcome }: Step): void {
  const copy = JSON.parse(JSON.stringify(before)) as InstanceState;
  const again = transition(copy, JSON.parse(JSON.stringify(event)) as CoreEvent);
  expect(again.state, 'the same state as JSON gives the same next state').toStrictEqual(outcome.state);
  expect(again.commands).toStrictEqual(outcome.commands);
  expect(JSON.parse(JSON.stringify(outcome.state)), 'the state is JSON').toStrictEqual(outcome.state);
}

/** What grows beyond the limit of a state was refused, but for the record of an end. */
export function checkSize(before: InstanceState, after: InstanceState): void {
  const size = sizeWithoutEvents(JSON.parse(JSON.stringify(after)) as InstanceState);
  if (size <= LIMITS.stateBytes) return;
  const isInBounds = after.closed_at !== null || size <= sizeWithoutEvents(before) + 4096;
  expect(isInBounds, 'size of the state').toBe(true);
}

/** As `refuse-growth.ts` measures it: audit events move to the store, and only the shell bounds those that wait. */
function sizeWithoutEvents(state: InstanceState): number {
  return jsonSize(state as unknown as Json) - jsonSize(state.events as unknown as Json);
}

function checkSequence(state: InstanceState): void {
  const seqs = state.events.map(({ seq }) => seq);
  const first = (state.segments.at(-1)?.last_seq ?? 0) + 1;
  expect(seqs).toEqual(seqs.map((_, index) => first + index));
  expect(state.next_seq).toBe(first + seqs.length);
}

function checkTask(state: InstanceState, task: TaskState): void {
  if (task.status === 'open' && !task.foreach)
    expect(task.waits, `${task.id} waits for something`).toBeDefined();
  if (task.status !== 'open') {
    expect([task.waits, task.running, task.queued], `${task.id} is over`).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
  if (task.foreach) checkForeach(state, task);
  if (task.group !== undefined) {
    expect(state.tasks[task.group]?.status, `${task.id} has an open slot`).toBe('open');
    expect(['open', 'pending'], `${task.id} has not closed`).toContain(task.status);
  }
}

function checkForeach(state: InstanceState, slot: TaskState): void {
  const { foreach } = slot;
  if (!foreach) return;
  const elements = Object.values(state.tasks).filter(({ group }) => group === slot.id);
  const results = resultsOf(foreach).filter((result) => result !== null);
  expect(resultsOf(foreach).length, `${slot.id}: a place for each`).toBe(foreach.items.length);
  expect(foreach.open, `${slot.id}: open`).toBe(elements.length);
  expect(foreach.closed, `${slot.id}: closed`).toBe(results.length);
  expect(foreach.completed, `${slot.id}: completed`).toBe(results.filter(isCompleted).length);
  expect(foreach.open + foreach.closed, `${slot.id}: in all`).toBeLessThanOrEqual(foreach.items.length);
  if (slot.status !== 'open') expect(elements, `${slot.id} is over`).toEqual([]);
}

function checkQueueAndDeadlines(state: InstanceState): void {
  for (const id of state.queue) expect(state.tasks[id]?.queued, `${id} stands in the queue`).toBe(true);
  const queued = Object.values(state.tasks).filter((task) => task.queued);
  expect(state.queue.length, 'each queued task once').toBe(queued.length);
  for (const [key, { task }] of Object.entries(state.deadlines)) {
    if (task !== undefined) expect(state.tasks[task]?.status, `${key} is of an open task`).toBe('open');
  }
}

function checkClosed(before: InstanceState, { state, commands }: Transition<InstanceState>): void {
  if (state.closed_at === null) return;
  const unfinished = Object.values(state.tasks).filter(
    ({ status }) => status === 'open' || status === 'pending',
  );
  expect(unfinished, 'nothing is open after the close').toEqual([]);
  expect([state.queue, state.held, Object.keys(state.deadlines), Object.keys(state.early)]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect(['completed', 'failed', 'cancelled']).toContain(state.status);
  expect(state.failure !== null).toBe(state.status === 'failed');
  if (before.closed_at !== null) expect(commands, 'nothing starts after the close').toEqual([]);
}

function checkViews(state: InstanceState, at: number): void {
  const view = viewWorkflowState(state, at);
  expect(JSON.parse(JSON.stringify(view))).toStrictEqual(view);
  const tree = viewTreeStatus(state, at);
  const counted =
    tree.completed_nodes +
    tree.failed_nodes +
    tree.running_nodes +
    tree.terminated_nodes +
    tree.cancelled_nodes +
    tree.paused_nodes +
    tree.created_nodes;
  expect(counted, 'the counts add up').toBe(tree.total_nodes);
  const page = viewHistory(state);
  expect(page.events.length + page.first_seq).toBe(state.next_seq);
}
