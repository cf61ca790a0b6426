/** What is large, but within what a client may send, never wedges an instance: each of these has done so once. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TriggerInput, TriggerResult, WorkflowState } from '../../src/core/shapes.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

/** Three keys like this are more than Temporal takes in one answer. */
const LONG_KEY = 'k'.repeat(1_100_000);
const BEYOND = Number.MAX_SAFE_INTEGER + 1;

const LOOP = `
phases:
  - { name: turn, task: Turn, outputs: { turns: variables.turns + 1, more: 'trigger.?more.orValue("")' }, next: [{ when: trigger.?stop.orValue(false), goto: end }, { goto: turn }] }
`;

async function expectNoRunFailed(handle: WorkflowHandle): Promise<void> {
  await expectNoTaskFailed(handle);
  await expectNoTaskFailed(bed.temporal.workflow.getHandle(handle.workflowId));
}

describe('a refusal of a megabyte of text', () => {
  test('is told in short to an update', async () => {
    const handle = await bed.start(LOOP, { initial_context: { turns: 0 } });
    const refused = handle.executeUpdate('trigger_next_step', {
      args: [{ trigger_data: { [LONG_KEY]: BEYOND } }],
    });
    await expect(refused).rejects.toMatchObject({ cause: { type: 'InvalidInputError' } });
    const message: string = await refused.then(
      () => '',
      (error: unknown) => String((error as Error).cause),
    );
    expect(message.length).toBeLessThan(1000);
    await handle.executeUpdate('trigger_next_step', { args: [{ trigger_data: { stop: true } }] });
    expect(await handle.result()).toMatchObject({ turns: 1 });
  });

  test('takes little room in the history, and the instance goes on for many runs', async () => {
    const handle = await bed.start(LOOP, { initial_context: { turns: 0 } });
    for (let n = 0; n < 3; n += 1)
      await handle.signal('trigger_next_step', { trigger_data: { [LONG_KEY]: BEYOND } });
    for (let n = 0; n < 210; n += 1) await handle.signal('trigger_next_step', {});
    await handle.signal('trigger_next_step', { trigger_data: { stop: true } });
    expect(await handle.result()).toMatchObject({ turns: 211 });
    await expectNoRunFailed(handle);
    const events = await bed.engine.getHistory(handle.workflowId);
    const rejected = events.filter((event) => event.event_type === 'trigger_rejected');
    expect(rejected).toHaveLength(3);
    expect(JSON.stringify(rejected).length).toBeLessThan(5000);
  });
});

describe('batches', () => {
  const MANY = `
phases:
  - name: ${'p'.repeat(60)}
    tasks:
      - { name: ${'t'.repeat(60)}, task: Do, foreach: variables.list, max_parallel: 500 }
`;
  const id = (index: number): string => `${'p'.repeat(60)}#1/${'t'.repeat(60)}[${index}]`;

  test(
    'of five hundred get through thousands of open tasks, and all stand in the history',
    { timeout: 240_000 },
    async () => {
      const total = 4_000;
      const list = Array.from({ length: total }, (_none, index) => index);
      const handle = await bed.start(MANY, { initial_context: { list } });
      let applied = 0;
      for (let first = 0; first < total;) {
        const batch: TriggerInput[] = list.slice(first, first + 500).map((index) => ({ task: id(index) }));
        const results = await handle.executeUpdate<TriggerResult[], [TriggerInput[]]>('trigger_batch', {
          args: [batch],
        });
        const refused = results.findIndex((result) => !result.applied);
        // Where the audit events have to move to the store first, the rest is sent again.
        if (refused >= 0) expect(results[refused]?.error?.type).toBe('HistoryLimitError');
        const done = refused < 0 ? batch.length : refused;
        applied += done;
        first += done;
      }
      expect(applied).toBe(total);
      await handle.result();
      const events = await bed.engine.getHistory(handle.workflowId);
      expect(typesOf(events).filter((type) => type === 'trigger_applied')).toHaveLength(total);
      expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    },
  );

  test('of a thousand that come late are refused one by one, in one answer', async () => {
    const list = Array.from({ length: 1_500 }, (_none, index) => index);
    const handle = await bed.start(MANY, { initial_context: { list } });
    const late: TriggerInput[] = Array.from({ length: 1_000 }, () => ({ task: id(1_499) }));
    const results = await handle.executeUpdate<TriggerResult[], [TriggerInput[]]>('trigger_batch', {
      args: [late],
    });
    expect(results).toHaveLength(1_000);
    expect(new Set(results.map((result) => result.error?.type))).toEqual(new Set(['TaskNotFoundError']));
    await expectNoTaskFailed(handle);
    expect(await handle.query<WorkflowState>('get_workflow_state')).toMatchObject({ status: 'created' });
  });
});

test('an instance whose variables fill the state goes on: its audit events have a room of their own', async () => {
  const big = 'x'.repeat(1_010_000);
  const handle = await bed.start(LOOP, { initial_context: { turns: 0, big } });
  for (let n = 0; n < 120; n += 1) await handle.executeUpdate('trigger_next_step', { args: [{}] });
  const refused = handle.executeUpdate('trigger_next_step', {
    args: [{ trigger_data: { more: 'y'.repeat(50_000) } }],
  });
  await expect(refused).rejects.toMatchObject({ cause: { type: 'PayloadTooLargeError' } });
  await handle.executeUpdate('trigger_next_step', { args: [{ trigger_data: { stop: true } }] });
  expect(await handle.result()).toMatchObject({ turns: 121 });
  await expectNoRunFailed(handle);
});
