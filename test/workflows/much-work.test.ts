/**
 * More than one workflow task can take on, or Temporal takes in one: it is spread over several, or refused with its
 * reason. Each of these has wedged an instance once, or had the server terminate it.
 */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkflowState } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { openTestBed, type TestBed } from './test-bed.js';

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

const range = (length: number): number[] => Array.from({ length }, (_none, index) => index);
const stateOf = (handle: WorkflowHandle): Promise<WorkflowState> => handle.query('get_workflow_state');

describe('dear expressions', () => {
  /** Together they take longer than the 5 s that Temporal's SDK gives a task. */
  const DEAR = `
phases:
  - name: score
    tasks:
      - name: score
        foreach: variables.items
        max_parallel: 500
        task: Score it
        early: keep
        outputs: { clashes: 'size(variables.k.map(a, variables.k.map(b, string(b))))' }
  - { name: last, task: Last }
`;
  const context = { items: range(300), k: range(245) };
  const answers = range(300).map((index) => ({
    task: `score#1/score[${index}]`,
    trigger_id: `T-${index}`,
    trigger_data: { index },
  }));

  test('of one batch are spread over workflow tasks, and what comes after it stays behind it', async () => {
    const handle = await bed.start(DEAR, { initial_context: context });
    await handle.signal('trigger_batch', answers);
    await handle.signal('trigger_next_step', { task: 'last', trigger_data: { done: true } });
    expect(await handle.result()).toMatchObject({ clashes: 245, done: true });
    await expectNoTaskFailed(handle);
  });

  test('of a batch by update answer for each trigger', async () => {
    const handle = await bed.start(DEAR, { initial_context: context });
    const results = await handle.executeUpdate<{ applied: boolean }[], [unknown]>('trigger_batch', {
      args: [answers],
    });
    expect(results.filter(({ applied }) => applied)).toHaveLength(300);
    expect((await stateOf(handle)).current_phase).toBe('last');
    await expectNoTaskFailed(handle);
  });

  test('that a pause has held are spread as well', async () => {
    const handle = await bed.start(DEAR, { initial_context: context });
    await handle.executeUpdate('pause', { args: [{}] });
    await handle.signal('trigger_batch', answers);
    await handle.executeUpdate('resume', { args: [{}] });
    await expect.poll(async () => (await stateOf(handle)).current_phase, { timeout: 60_000 }).toBe('last');
    const applied = await bed.engine.getHistory(handle.workflowId);
    const ids = applied.filter(({ event_type }) => event_type === 'trigger_applied');
    expect(ids.map(({ data }) => data['trigger_id'])).toEqual(answers.map(({ trigger_id }) => trigger_id));
    await expectNoTaskFailed(handle);
  });

  test('go on where the instance ends among them: the rest is refused', async () => {
    const ending = DEAR.replace('{ name: last, task: Last }', '{ name: last, tasks: [] }');
    const handle = await bed.start(ending, { initial_context: { ...context, items: range(80) } });
    const more = range(300).map((n) => ({ trigger_id: `late-${n}` }));
    const results = await handle.executeUpdate<{ error?: { type: string } }[], [unknown]>('trigger_batch', {
      args: [[...answers.slice(0, 80), ...more]],
    });
    const refused = results.filter(({ error }) => error?.type === 'WorkflowClosedError');
    expect(refused).toHaveLength(300);
    expect((await handle.describe()).status.name).toBe('COMPLETED');
    await expectNoTaskFailed(handle);
  });
});

describe('a state of almost a megabyte', () => {
  const LOOP = `
phases:
  - name: a
    task: A
    next: [{ when: 'trigger.?stop.orValue(false)', goto: end }, { goto: a }]
result: { n: variables.n }
`;
  const variables: JsonObject = Object.fromEntries(range(1000).map((n) => [`k${n}`, 'x'.repeat(1000)]));

  /** How many triggers the history says were applied, or refused because the state is full. */
  async function judged(handle: WorkflowHandle): Promise<number> {
    const events = await bed.engine.getHistory(handle.workflowId);
    return events.filter(({ event_type }) => /^trigger_(applied|rejected)$/.test(event_type)).length;
  }

  test('takes a thousand triggers of a batch, and those that came while no worker was there', async () => {
    const handle = await bed.start(LOOP, { initial_context: { ...variables, n: -1 } });
    const batch = range(1000).map((n) => ({ task: 'a', trigger_data: { n } }));
    await handle.signal('trigger_batch', batch);
    await expect.poll(() => judged(handle), { timeout: 20_000 }).toBe(1000);
    await expectNoTaskFailed(handle);
    await bed.stopWorker();
    for (const n of range(600)) await handle.signal('trigger_next_step', { task: 'a', trigger_data: { n } });
    await bed.startWorker();
    await expect.poll(() => judged(handle), { timeout: 20_000 }).toBe(1600);
    await expectNoTaskFailed(handle);
  }, 90_000);
});

describe('what is too large for Temporal', () => {
  const big = 'x'.repeat(200_000);
  const fields = (count: number): string =>
    range(count)
      .map((n) => `k${n}: "\${variables.big}"`)
      .join(', ');
  const activity = (count: number): string =>
    `{ activity: nobody, task_queue: nobody, input: { ${fields(count)} } }`;

  test("as an activity's input fails its task, which may be handled", async () => {
    const handle = await bed.start(
      `
phases:
  - name: call
    executor: ${activity(14)}
    on_failure: [{ errors: [PayloadTooLargeError], goto: last }]
  - { name: last, task: Last }
`,
      { initial_context: { big } },
    );
    expect((await stateOf(handle)).current_phase).toBe('last');
    await expectNoTaskFailed(handle);
  });

  test('as a result fails the instance with its reason', async () => {
    const handle = await bed.start(`phases: [{ name: a, tasks: [] }]\nresult: { ${fields(14)} }`, {
      initial_context: { big },
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'PayloadTooLargeError' } });
    await expectNoTaskFailed(handle);
  });

  test('as the input of a compensation is recorded, and the rest goes on', async () => {
    const handle = await bed.start(
      `
phases:
  - { name: a, task: A, compensate: ${activity(14)} }
  - { name: b, task: B }
`,
      { initial_context: { big } },
    );
    await handle.executeUpdate('trigger_next_step', { args: [{}] });
    await handle.executeUpdate('trigger_next_step', { args: [{ outcome: 'failed' }] });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'TaskFailedError' } });
    const types = (await bed.engine.getHistory(handle.workflowId)).map(({ event_type }) => event_type);
    expect(types).toContain('compensation_failed');
    await expectNoTaskFailed(handle);
  });

  test('as inputs of many activities that start together: they start one after another', async () => {
    const handle = await bed.start(
      `phases: [{ name: each, foreach: variables.list, executor: ${activity(4)} }]`,
      { initial_context: { big, list: range(6) } },
    );
    await expect
      .poll(async () => (await handle.describe()).raw.pendingActivities?.length, { timeout: 20_000 })
      .toBe(6);
    const { status, raw } = await handle.describe();
    expect(status.name).toBe('RUNNING');
    expect(raw.pendingWorkflowTask?.attempt ?? 0).toBeLessThanOrEqual(1);
    await handle.terminate();
  });
});
