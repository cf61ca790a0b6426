/** What tests of trees share: a test bed of their file's own, and what they ask of instances and send to them. */
import { afterAll, beforeAll, expect } from 'vitest';
import type {
  HistoryEvent,
  HistoryPage,
  Task,
  TriggerInput,
  WorkflowState,
  WorkflowStatusInfo,
  WorkflowTreeStatus,
} from '../../src/core/shapes.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

export const PATIENCE = { timeout: 30_000, interval: 50 };

let opened: TestBed | undefined;

/** Opens the bed of a test file, once at its head. The module itself is loaded once for several files. */
export function useTreeBed(): void {
  beforeAll(async () => {
    opened = await openTestBed();
  });

  afterAll(async () => {
    await opened?.stop();
    opened = undefined;
  });
}

/** The bed of the test file. */
export function bed(): TestBed {
  if (!opened) throw new Error('the bed is not open');
  return opened;
}

const query = <T>(id: string, name: string): Promise<T> =>
  bed().temporal.workflow.getHandle(id).query<T>(name);
export const stateOf = (id: string): Promise<WorkflowState> => query(id, 'get_workflow_state');
export const infoOf = (id: string): Promise<WorkflowStatusInfo> => query(id, 'get_workflow_status_info');
export const treeOf = (id: string): Promise<WorkflowTreeStatus> => query(id, 'get_workflow_tree_status');
export const eventsOf = async (id: string): Promise<readonly HistoryEvent[]> =>
  (await query<HistoryPage>(id, 'get_history')).events;
export const resultOf = (id: string): Promise<unknown> => bed().temporal.workflow.getHandle(id).result();

export async function taskOf(id: string, taskId: string): Promise<Task | undefined> {
  return (await stateOf(id)).tasks.find(({ task_id }) => task_id === taskId);
}

export async function trigger(id: string, input: TriggerInput = {}): Promise<void> {
  await bed()
    .temporal.workflow.getHandle(id)
    .executeUpdate('trigger_next_step', { args: [input] });
}

/** Until the instance has been prepared and stands in the phase. */
export async function untilIn(id: string, phase: string): Promise<void> {
  await expect.poll(async () => (await infoOf(id)).current_phase, PATIENCE).toBe(phase);
}

export async function untilStatus(id: string, name: string): Promise<void> {
  await expect
    .poll(async () => (await bed().temporal.workflow.getHandle(id).describe()).status.name, PATIENCE)
    .toBe(name);
}

/** The child that does a task, once there is one that has been prepared; another than `not`. */
export async function childOf(id: string, taskId: string, not = ''): Promise<string> {
  const find = async (): Promise<string> => {
    const child = (await taskOf(id, taskId))?.instance_id ?? '';
    if (child === '' || child === not) throw new Error(`${taskId} has no child yet`);
    await infoOf(child);
    return child;
  };
  await expect.poll(find, PATIENCE).toMatch(/^wfi_/);
  return find();
}

export const usage = (tokens: number): TriggerInput => ({ usage: { tokens, cost_usd: 0 } });

export const BROKEN: TriggerInput = { outcome: 'failed', error: { type: 'Broken', message: 'no' } };

/** Two steps: a retry goes on from the second where that one failed. */
export const TWO = JSON.stringify({
  name: 'two',
  version: '1',
  phases: [
    { name: 'first', task: 'First' },
    { name: 'second', task: 'Second' },
  ],
  result: { n: 'variables.?n.orValue(0)', a: 'variables.a', b: 'variables.b' },
});
export const LEAF = JSON.stringify({
  name: 'leaf',
  version: '1',
  phases: [{ name: 'work', task: 'Work' }],
  result: { doubled: 'variables.n * 2' },
});

/** Does the first step, and fails in the second. */
export async function failInSecond(child: string, [first, second]: readonly [number, number]): Promise<void> {
  await trigger(child, { trigger_data: { a: 1 }, ...usage(first) });
  await trigger(child, { ...BROKEN, ...usage(second) });
  await untilStatus(child, 'FAILED');
}

/** What a child looks like that goes on from another's first step. */
export async function expectSeeded(child: string): Promise<void> {
  await untilIn(child, 'second');
  const { variables, history, usage: used } = await stateOf(child);
  expect(variables).toMatchObject({ a: 1 });
  expect(history.map(({ phase, visit }) => `${phase}#${visit}`)).toContain('first#1');
  expect(history.filter(({ phase }) => phase === 'first')).toHaveLength(1);
  expect(used.tokens).toBe(0);
  const events = await eventsOf(child);
  expect(events.filter(({ phase }) => phase === 'first')).toEqual([]);
  expect(typesOf(events)).toContain('workflow_retried');
}
