/** Trees of instances that are tried again or go back, and outlive a run of their parent. */
import { describe, expect, test } from 'vitest';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import {
  BROKEN,
  LEAF,
  PATIENCE,
  TWO,
  bed,
  childOf,
  expectSeeded,
  failInSecond,
  infoOf,
  resultOf,
  stateOf,
  taskOf,
  treeOf,
  trigger,
  untilIn,
  untilStatus,
  usage,
  useTreeBed,
} from './tree-bed.js';

useTreeBed();

describe('retry_task of a child that failed', () => {
  test('under continue makes another one, which goes on from its finished phases with a quota of its own', async () => {
    const { workflowId: root } = await bed().start(`
phases:
  - name: part
    execution_strategy: parallel
    tasks:
      - { name: child, subworkflow: ${TWO}, on_failure: continue, outputs: { got: result } }
      - { name: keep, task: Keep }
`);
    const failed = await childOf(root, 'part#1/child');
    await failInSecond(failed, [5, 7]);
    await expect.poll(async () => (await taskOf(root, 'part#1/child'))?.status, PATIENCE).toBe('failed');
    await bed().engine.retryTask(root, {
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
    const { workflowId: root } = await bed().start(`
phases:
  - name: each
    tasks:
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
    await bed().engine.retryTask(root, { task: 'each[0]', resource_quota: { max_tokens: 50 } });
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

describe('a retry policy of a child', () => {
  test('goes on from the finished phases of the one before, too', async () => {
    const { workflowId: root } = await bed().start(`
phases:
  - name: part
    subworkflow: ${TWO}
    retry: { max_attempts: 2, initial_interval_sec: 0.05 }
    outputs: { got: trigger }
`);
    const failed = await childOf(root, 'part#1/part');
    await failInSecond(failed, [1, 2]);
    const child = await childOf(root, 'part#1/part', failed);
    await expectSeeded(child);
    await trigger(child, { trigger_data: { b: 2 }, ...usage(4) });
    expect(await resultOf(root)).toMatchObject({ got: { n: 0, a: 1, b: 2 } });
    expect((await treeOf(root)).total_tokens).toBe(7);
  });
});

describe('a failed tree that is retried', () => {
  test('runs again what failed or was cut off, from where it failed, and counts everything once', async () => {
    const { workflowId: root } = await bed().start(`
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

    const refusal = await expectChatFlowError('InvalidInputError', bed().engine.retry(failed ?? ''));
    expect(refusal.message).toContain(`"chatflow retry ${root}" goes on with both`);
    await bed().engine.retry(root);
    const again = await childOf(root, 'each#1/each[1]', failed);
    await expectSeeded(again);
    const goesOn = await childOf(root, 'each#1/each[2]', cut);
    await untilIn(goesOn, 'second');
    expect((await infoOf(root)).child_count).toBe(6);
    await trigger(again, { trigger_data: { b: 2 }, ...usage(128) });
    await trigger(goesOn, { trigger_data: { b: 7 }, ...usage(768) });
    const got = [
      { n: 1, a: 5, b: 5 },
      { n: 2, a: 1, b: 2 },
      { n: 3, a: 6, b: 7 },
    ];
    expect(await resultOf(root)).toMatchObject({ got, earlier: { a: 0, b: 0 } });
    expect((await stateOf(root)).usage).toMatchObject({ tokens: 1023, children: 6 });
    expect(await treeOf(root)).toMatchObject({ total_nodes: 7, completed_nodes: 5, failed_nodes: 1 });
  });

  test('lets a child that was cancelled with it go on from its finished phases', async () => {
    const { workflowId: root } = await bed().start(`
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: ahead, subworkflow: ${TWO} }
      - { name: broken, subworkflow: ${TWO} }
`);
    const ahead = await childOf(root, 'both#1/ahead');
    await trigger(ahead, { trigger_data: { a: 1 }, ...usage(3) });
    await trigger(await childOf(root, 'both#1/broken'), { ...BROKEN, ...usage(2) });
    await untilStatus(root, 'FAILED');
    await untilStatus(ahead, 'CANCELLED');
    await bed().engine.retry(root);
    const again = await childOf(root, 'both#1/ahead', ahead);
    await expectSeeded(again);
    await trigger(again, { trigger_data: { b: 2 } });
    const broken = await childOf(root, 'both#1/broken');
    await untilIn(broken, 'first');
    await trigger(broken, { trigger_data: { a: 2 } });
    await trigger(broken, { trigger_data: { b: 2 } });
    await resultOf(root);
    expect(await treeOf(root)).toMatchObject({ total_tokens: 5, completed_nodes: 3 });
  });

  test('keeps the finished work two levels down', async () => {
    const { workflowId: root } = await bed().start(`
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
    await bed().engine.retry(root);
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
    const { workflowId: root } = await bed().start(
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
    await bed().engine.rewind(root, { phase: 'one' });
    await untilIn(root, 'last');
    expect((await stateOf(root)).children).toEqual(children);
    await trigger(root);
    expect(await resultOf(root)).toMatchObject({ single: 42, doubled: [2, 4] });
  });

  test('runs those again whose context is another one', async () => {
    const { root, children } = await startAtLast();
    await bed().engine.rewind(root, { phase: 'one', variables: { factor: 2 } });
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
    await bed().engine.rewind(root, { phase: 'one', rerun_children: true });
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
    const { workflowId: root } = await bed().start(`
phases:
  - { name: start, task: Start }
  - { name: child, subworkflow: ${TWO} }
`);
    await trigger(root);
    const child = await childOf(root, 'child#1/child');
    await bed().engine.rewind(root, { phase: 'start' });
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
  const COUNT = 60;

  test('ends with all results in order, though its parent continues as new in between', async () => {
    const started = await bed().start(
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
    let isPastMark = false;
    while (done.size < COUNT) {
      const open = await openChildren();
      if (!isPastMark && done.size >= 15) {
        await passMark();
        isPastMark = true;
      }
      await Promise.all(open.map((child) => trigger(child, usage(1))));
      for (const child of open) done.add(child);
    }
    await untilStatus(root, 'COMPLETED');
    const { result, children, usage: used } = await stateOf(root);
    expect(result).toMatchObject({ sums: Array.from({ length: COUNT }, (_none, index) => index * 2) });
    expect(children).toHaveLength(COUNT);
    expect(used).toMatchObject({ tokens: COUNT, children: COUNT });
    expect(await runIdOf()).not.toBe(started.firstExecutionRunId);

    async function runIdOf(): Promise<string> {
      return (await bed().temporal.workflow.getHandle(root).describe()).runId;
    }

    /** 200 inputs end a run as 1,000 events do, and for certain; but not while children are open. */
    async function passMark(): Promise<void> {
      const levels = Array.from({ length: 201 }, (_none, index) => index % 100);
      await Promise.all(levels.map((level) => bed().engine.setAutomationLevel(root, level)));
      expect(await runIdOf()).toBe(started.firstExecutionRunId);
    }

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
