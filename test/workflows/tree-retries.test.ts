/** Trees of instances that are tried again, go back, stand still, talk, and outlive a run of their parent. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const PATIENCE = { timeout: 30_000, interval: 50 };

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

const query = <T>(id: string, name: string): Promise<T> => bed.temporal.workflow.getHandle(id).query<T>(name);
const stateOf = (id: string): Promise<WorkflowState> => query(id, 'get_workflow_state');
const infoOf = (id: string): Promise<WorkflowStatusInfo> => query(id, 'get_workflow_status_info');
const treeOf = (id: string): Promise<WorkflowTreeStatus> => query(id, 'get_workflow_tree_status');
const eventsOf = async (id: string): Promise<readonly HistoryEvent[]> =>
  (await query<HistoryPage>(id, 'get_history')).events;
const resultOf = (id: string): Promise<unknown> => bed.temporal.workflow.getHandle(id).result();

async function taskOf(id: string, taskId: string): Promise<Task | undefined> {
  return (await stateOf(id)).tasks.find(({ task_id }) => task_id === taskId);
}

async function trigger(id: string, input: TriggerInput = {}): Promise<void> {
  await bed.temporal.workflow.getHandle(id).executeUpdate('trigger_next_step', { args: [input] });
}

/** Until the instance has been prepared and stands in the phase. */
async function untilIn(id: string, phase: string): Promise<void> {
  await expect.poll(async () => (await infoOf(id)).current_phase, PATIENCE).toBe(phase);
}

async function untilStatus(id: string, name: string): Promise<void> {
  await expect
    .poll(async () => (await bed.temporal.workflow.getHandle(id).describe()).status.name, PATIENCE)
    .toBe(name);
}

/** The child that does a task, once there is one that has been prepared; another than `not`. */
async function childOf(id: string, taskId: string, not = ''): Promise<string> {
  const find = async (): Promise<string> => {
    const child = (await taskOf(id, taskId))?.instance_id ?? '';
    if (child === '' || child === not) throw new Error(`${taskId} has no child yet`);
    await infoOf(child);
    return child;
  };
  await expect.poll(find, PATIENCE).toMatch(/^wfi_/);
  return find();
}

const usage = (tokens: number): TriggerInput => ({ usage: { tokens, cost_usd: 0 } });

const BROKEN: TriggerInput = { outcome: 'failed', error: { type: 'Broken', message: 'no' } };

/** Two steps: a retry goes on from the second where that one failed. */
const TWO = JSON.stringify({
  name: 'two',
  version: '1',
  phases: [
    { name: 'first', task: 'First' },
    { name: 'second', task: 'Second' },
  ],
  result: { n: 'variables.?n.orValue(0)', a: 'variables.a', b: 'variables.b' },
});
const LEAF = JSON.stringify({
  name: 'leaf',
  version: '1',
  phases: [{ name: 'work', task: 'Work' }],
  result: { doubled: 'variables.n * 2' },
});

/** Does the first step, and fails in the second. */
async function failInSecond(child: string, [first, second]: readonly [number, number]): Promise<void> {
  await trigger(child, { trigger_data: { a: 1 }, ...usage(first) });
  await trigger(child, { ...BROKEN, ...usage(second) });
  await untilStatus(child, 'FAILED');
}

/** What a child looks like that goes on from another's first step. */
async function expectSeeded(child: string): Promise<void> {
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

describe('retry_task of a child that failed', () => {
  test('under continue makes another one, which goes on from its finished phases with a quota of its own', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - name: part
    execution_strategy: sequential
    tasks:
      - { name: child, subworkflow: ${TWO}, on_failure: continue, outputs: { got: result } }
      - { name: keep, task: Keep }
`);
    const failed = await childOf(root, 'part#1/child');
    await failInSecond(failed, [5, 7]);
    await expect.poll(async () => (await taskOf(root, 'part#1/child'))?.status, PATIENCE).toBe('failed');
    await bed.engine.retryTask(root, {
      task: 'child',
      guidance: 'with care',
      resource_quota: { max_tokens: 50 },
    });
    const child = await childOf(root, 'part#1/child', failed);
    await expectSeeded(child);
    expect((await stateOf(child)).resource_quota).toMatchObject({ max_tokens: 50 });
    expect((await stateOf(root)).resource_quota).not.toHaveProperty('max_tokens');
    await trigger(child, { trigger_data: { b: 2 }, ...usage(11) });
    await expect.poll(async () => (await taskOf(root, 'part#1/child'))?.status, PATIENCE).toBe('completed');
    await trigger(root, { task: 'keep', ...usage(1) });
    expect(await resultOf(root)).toMatchObject({ got: { n: 0, a: 1, b: 2 } });
    expect(await treeOf(root)).toMatchObject({
      total_nodes: 3,
      failed_nodes: 1,
      completed_nodes: 2,
      total_tokens: 24,
    });
  });

  test('makes another one of an element of a foreach, and leaves the other elements alone', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - name: each
    foreach: "[1, 2]"
    context: { n: "\${item}" }
    subworkflow: ${TWO}
    on_failure: continue
    outputs: { got: "tasks.each.map(t, t.output)" }
`);
    const [failed, other] = await Promise.all([
      childOf(root, 'each#1/each[0]'),
      childOf(root, 'each#1/each[1]'),
    ]);
    await failInSecond(failed, [5, 7]);
    await expect.poll(async () => (await infoOf(root)).failed_children, PATIENCE).toBe(1);
    await bed.engine.retryTask(root, { task: 'each[0]', resource_quota: { max_tokens: 50 } });
    const child = await childOf(root, 'each#1/each[0]', failed);
    await expectSeeded(child);
    expect((await stateOf(child)).resource_quota).toMatchObject({ max_tokens: 50 });
    expect(await childOf(root, 'each#1/each[1]')).toBe(other);
    expect((await stateOf(other)).resource_quota).not.toHaveProperty('max_tokens');
    await trigger(other, { trigger_data: { a: 3 } });
    await trigger(other, { trigger_data: { b: 4 }, ...usage(1) });
    await trigger(child, { trigger_data: { b: 2 }, ...usage(11) });
    const got = [
      { n: 1, a: 1, b: 2 },
      { n: 2, a: 3, b: 4 },
    ];
    expect(await resultOf(root)).toMatchObject({ got });
    expect(await treeOf(root)).toMatchObject({ total_nodes: 4, failed_nodes: 1, total_tokens: 24 });
  });
});

describe('a failed tree that is retried', () => {
  test('runs again what failed or was cut off, from where it failed, and counts everything once', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - { name: before, subworkflow: ${TWO}, outputs: { earlier: trigger } }
  - name: each
    foreach: "[1, 2, 3]"
    context: { n: "\${item}" }
    subworkflow: ${TWO}
    outputs: { got: "tasks.each.map(t, t.output)" }
`);
    const before = await childOf(root, 'before#1/before');
    await trigger(before, { trigger_data: { a: 0 }, ...usage(1) });
    await trigger(before, { trigger_data: { b: 0 }, ...usage(2) });
    await untilIn(root, 'each');
    const [done, failed, cut] = await Promise.all(
      [0, 1, 2].map((index) => childOf(root, `each#1/each[${index}]`)),
    );
    await trigger(done ?? '', { trigger_data: { a: 5 }, ...usage(4) });
    await trigger(done ?? '', { trigger_data: { b: 5 }, ...usage(8) });
    await expect.poll(async () => (await infoOf(root)).completed_children, PATIENCE).toBe(2);
    await trigger(cut ?? '', { trigger_data: { a: 6 }, ...usage(16) });
    await expect.poll(async () => (await treeOf(root)).total_tokens, PATIENCE).toBe(31);
    await failInSecond(failed ?? '', [32, 64]);
    await untilStatus(root, 'FAILED');
    expect((await treeOf(root)).total_tokens).toBe(127);

    await bed.engine.retry(root);
    const again = await childOf(root, 'each#1/each[1]', failed);
    await expectSeeded(again);
    const anew = await childOf(root, 'each#1/each[2]', cut);
    await untilIn(anew, 'first');
    expect((await infoOf(root)).child_count).toBe(6);
    await trigger(again, { trigger_data: { b: 2 }, ...usage(128) });
    await trigger(anew, { trigger_data: { a: 7 }, ...usage(256) });
    await trigger(anew, { trigger_data: { b: 7 }, ...usage(512) });
    const got = [
      { n: 1, a: 5, b: 5 },
      { n: 2, a: 1, b: 2 },
      { n: 3, a: 7, b: 7 },
    ];
    expect(await resultOf(root)).toMatchObject({ got, earlier: { a: 0, b: 0 } });
    expect((await stateOf(root)).usage).toMatchObject({ tokens: 1023, children: 6 });
    expect(await treeOf(root)).toMatchObject({ total_nodes: 7, completed_nodes: 5, failed_nodes: 1 });
  });

  test('keeps the finished work two levels down', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - name: top
    outputs: { got: trigger }
    subworkflow:
      name: middle
      version: "1"
      phases:
        - { name: mine, task: Mine }
        - { name: down, subworkflow: ${TWO}, outputs: { got: trigger } }
`);
    const middle = await childOf(root, 'top#1/top');
    await trigger(middle, usage(1));
    const bottom = await childOf(middle, 'down#1/down');
    await failInSecond(bottom, [2, 4]);
    await untilStatus(root, 'FAILED');
    await bed.engine.retry(root);
    const newMiddle = await childOf(root, 'top#1/top', middle);
    await untilIn(newMiddle, 'down');
    const newBottom = await childOf(newMiddle, 'down#1/down', bottom);
    await expectSeeded(newBottom);
    await trigger(newBottom, { trigger_data: { b: 2 }, ...usage(8) });
    expect(await resultOf(root)).toMatchObject({ got: { got: { a: 1, b: 2 } } });
    expect(await treeOf(root)).toMatchObject({ total_nodes: 5, failed_nodes: 2, total_tokens: 15 });
  });
});

describe('a rewind', () => {
  async function startAtLast(): Promise<{ readonly root: string; readonly children: readonly string[] }> {
    const { workflowId: root } = await bed.start(
      `
phases:
  - name: one
    subworkflow: ${LEAF}
    context: { n: 21 }
    outputs: { single: trigger.doubled }
  - name: each
    foreach: "[1, 2]"
    context: { n: "\${item * variables.factor}" }
    subworkflow: ${LEAF}
    outputs: { doubled: "tasks.each.map(t, t.output.doubled)" }
  - { name: last, task: Last }
`,
      { initial_context: { factor: 1 } },
    );
    const one = await childOf(root, 'one#1/one');
    await trigger(one);
    await untilIn(root, 'each');
    const each = await Promise.all([0, 1].map((index) => childOf(root, `each#1/each[${index}]`)));
    for (const child of each) await trigger(child);
    await untilIn(root, 'last');
    return { root, children: [one, ...each] };
  }

  test('takes over completed children that would be the same', async () => {
    const { root, children } = await startAtLast();
    await bed.engine.rewind(root, { phase: 'one' });
    await untilIn(root, 'last');
    expect((await stateOf(root)).children).toEqual(children);
    await trigger(root);
    expect(await resultOf(root)).toMatchObject({ single: 42, doubled: [2, 4] });
  });

  test('runs those again whose context is another one', async () => {
    const { root, children } = await startAtLast();
    await bed.engine.rewind(root, { phase: 'one', variables: { factor: 2 } });
    // Of the elements the first would be what the second was: it is taken over.
    const again = await childOf(root, 'each#2/each[1]');
    expect((await stateOf(root)).children).toEqual([...children, again]);
    await trigger(again);
    await untilIn(root, 'last');
    await trigger(root);
    expect(await resultOf(root)).toMatchObject({ single: 42, doubled: [4, 8] });
  });

  test('runs all of them again where it is asked to', async () => {
    const { root, children } = await startAtLast();
    await bed.engine.rewind(root, { phase: 'one', rerun_children: true });
    const one = await childOf(root, 'one#2/one');
    await trigger(one);
    await untilIn(root, 'each');
    const each = await Promise.all([0, 1].map((index) => childOf(root, `each#2/each[${index}]`)));
    expect((await stateOf(root)).children).toEqual([...children, one, ...each]);
    for (const child of each) await trigger(child);
    await untilIn(root, 'last');
    await trigger(root);
    expect(await resultOf(root)).toMatchObject({ single: 42, doubled: [2, 4] });
    expect((await stateOf(root)).usage.children).toBe(6);
  });

  test('cancels a child that is still open', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - { name: start, task: Start }
  - { name: child, subworkflow: ${TWO} }
`);
    await trigger(root);
    const child = await childOf(root, 'child#1/child');
    await bed.engine.rewind(root, { phase: 'start' });
    await untilStatus(child, 'CANCELLED');
    await trigger(root, { task: 'start' });
    const again = await childOf(root, 'child#2/child');
    await trigger(again, { trigger_data: { a: 1 } });
    await trigger(again, { trigger_data: { b: 1 } });
    await resultOf(root);
    expect(await treeOf(root)).toMatchObject({ cancelled_nodes: 1, completed_nodes: 2 });
  });
});

describe('a foreach of many children', () => {
  const COUNT = 120;

  test('ends with all results in order, though its parent continues as new in between', async () => {
    const started = await bed.start(
      `
phases:
  - name: each
    foreach: "variables.items"
    max_parallel: 10
    inherit: []
    context: { n: "\${item}" }
    subworkflow: ${LEAF}
    outputs: { sums: "tasks.each.map(t, t.output.doubled)" }
`,
      { initial_context: { items: Array.from({ length: COUNT }, (_none, index) => index) } },
    );
    const root = started.workflowId;
    const done = new Set<string>();
    while (done.size < COUNT) {
      const open = await openChildren();
      await Promise.all(open.map((child) => trigger(child, usage(1))));
      for (const child of open) done.add(child);
    }
    await untilStatus(root, 'COMPLETED');
    const { result, children, usage: used } = await stateOf(root);
    expect(result).toMatchObject({ sums: Array.from({ length: COUNT }, (_none, index) => index * 2) });
    expect(children).toHaveLength(COUNT);
    expect(used).toMatchObject({ tokens: COUNT, children: COUNT });
    const { runId } = await bed.temporal.workflow.getHandle(root).describe();
    expect(runId).not.toBe(started.firstExecutionRunId);

    /** Children that have been prepared and were not driven yet. */
    async function openChildren(): Promise<readonly string[]> {
      const find = async (): Promise<readonly string[]> => {
        const ids = (await stateOf(root)).tasks.flatMap(({ instance_id: id, status }) =>
          status === 'open' && id !== undefined && !done.has(id) ? [id] : [],
        );
        expect(ids.length).toBeLessThanOrEqual(10);
        const ready = await Promise.all(
          ids.map((id) =>
            infoOf(id).then(
              () => [id],
              () => [],
            ),
          ),
        );
        return ready.flat();
      };
      let found: readonly string[] = [];
      await expect.poll(async () => (found = await find()).length, PATIENCE).toBeGreaterThan(0);
      return found;
    }
  });
});

describe('a child that is killed while its parent is paused', () => {
  test('is counted at once, and joined at the resume', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - { name: child, subworkflow: ${TWO}, on_failure: last }
  - { name: last, task: Last }
`);
    const child = await childOf(root, 'child#1/child');
    await bed.engine.pause(root, { reason: 'wait' });
    await bed.temporal.workflow.getHandle(child).terminate('killed');
    await expect
      .poll(() => infoOf(root), PATIENCE)
      .toMatchObject({ terminated_children: 1, status: 'paused' });
    expect(await taskOf(root, 'child#1/child')).toMatchObject({ status: 'open', instance_id: child });
    await bed.engine.resume(root);
    await untilIn(root, 'last');
    expect(await taskOf(root, 'child#1/child')).toMatchObject({
      status: 'failed',
      error: { type: 'WorkflowFailedError', details: { instance_id: child, status: 'terminated' } },
    });
    await trigger(root);
    await resultOf(root);
    expect(await treeOf(root)).toMatchObject({ terminated_nodes: 1, completed_nodes: 1 });
  });
});

describe('a child that was asked for and fails', () => {
  const WAITS = 'phases: [{ name: work, task: Work }]';
  const schema = { name: 'asked', version: '1', phases: [{ name: 'x', task: 'X' }] };

  async function startAndFail(on_failure: 'continue' | 'fail'): Promise<[root: string, child: string]> {
    const { workflowId: root } = await bed.start(WAITS);
    const { instance_id: child } = await bed.engine.createSubworkflow(root, { schema, on_failure });
    await untilIn(child, 'x');
    await trigger(child, { ...BROKEN, ...usage(3) });
    return [root, child];
  }

  test('fails its parent under fail', async () => {
    const [root, child] = await startAndFail('fail');
    await untilStatus(root, 'FAILED');
    const { failure } = await stateOf(root);
    expect(failure).toMatchObject({ type: 'Broken', message: 'no', details: { instance_id: child } });
    expect(await treeOf(root)).toMatchObject({ failed_nodes: 2, total_tokens: 3 });
  });

  test('does not under continue', async () => {
    const [root] = await startAndFail('continue');
    await expect
      .poll(() => infoOf(root), PATIENCE)
      .toMatchObject({ failed_children: 1, running_children: 0, status: 'created' });
    await trigger(root);
    await resultOf(root);
    expect(await treeOf(root)).toMatchObject({ failed_nodes: 1, completed_nodes: 1, total_tokens: 3 });
  });
});

describe('messages', () => {
  test('go up and down by signal, stand in both histories, and are there for expressions', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - { name: hear, wait: { when: "messages.exists(m, m.data.found == 3)" } }
  - name: told
    execution_strategy: concurrent
    tasks:
      - { name: child, approval: "Found \${messages[0].data.found} by \${messages[0].from}" }
`);
    const { instance_id: child } = await bed.engine.createSubworkflow(root, {
      schema: {
        name: 'hears',
        version: '1',
        phases: [{ name: 'hear', wait: { when: 'messages.exists(m, m.data.go)' } }],
        result: { heard: 'messages.map(m, m.from)' },
      },
    });
    await untilIn(child, 'hear');
    await bed.temporal.workflow.getHandle(child).signal('publish_to_parent', { data: { found: 3 } });
    await untilIn(root, 'told');
    expect(await taskOf(root, 'told#1/child')).toMatchObject({ text: `Found 3 by ${child}` });
    await bed.temporal.workflow
      .getHandle(root)
      .signal('message_child', { instance_id: child, data: { go: true } });
    await untilStatus(child, 'COMPLETED');
    expect((await stateOf(child)).result).toEqual({ heard: [root] });

    expect(await messagesOf(child)).toEqual([
      { event_type: 'message_published', data: { to: root, data: { found: 3 } } },
      { event_type: 'message_received', data: { from: root, data: { go: true } } },
    ]);
    expect(await messagesOf(root)).toEqual([
      { event_type: 'message_received', data: { from: child, data: { found: 3 } } },
      { event_type: 'message_sent', data: { to: child, data: { go: true } } },
    ]);
  });

  async function messagesOf(id: string): Promise<readonly Pick<HistoryEvent, 'event_type' | 'data'>[]> {
    return (await eventsOf(id)).flatMap(({ event_type, data }) =>
      event_type.startsWith('message_') ? [{ event_type, data }] : [],
    );
  }
});

describe('a whole tree', () => {
  test('is paused and resumed from its root', async () => {
    const { workflowId: root } = await bed.start(`
phases:
  - name: top
    subworkflow:
      name: middle
      version: "1"
      phases: [{ name: down, subworkflow: ${TWO} }]
`);
    const middle = await childOf(root, 'top#1/top');
    const bottom = await childOf(middle, 'down#1/down');
    const ids = [root, middle, bottom];
    const statuses = (): Promise<readonly string[]> =>
      Promise.all(ids.map(async (id) => (await infoOf(id)).status));
    await bed.engine.pause(root, { reason: 'lunch', tree: true });
    await expect.poll(statuses, PATIENCE).toEqual(['paused', 'paused', 'paused']);
    await expect.poll(async () => (await treeOf(root)).paused_nodes, PATIENCE).toBe(3);
    await expect(trigger(bottom, { trigger_data: { a: 1 } })).rejects.toMatchObject({
      cause: { type: 'WorkflowPausedError' },
    });
    await bed.engine.resume(root, { tree: true });
    await expect.poll(statuses, PATIENCE).not.toContain('paused');
    await expect.poll(async () => (await treeOf(root)).paused_nodes, PATIENCE).toBe(0);
    await trigger(bottom, { trigger_data: { a: 1 } });
    await trigger(bottom, { trigger_data: { b: 1 } });
    await resultOf(root);
    expect(await treeOf(root)).toMatchObject({ total_nodes: 3, completed_nodes: 3 });
  });
});
