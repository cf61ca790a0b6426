/** What trees account for on the server: whatever was used, and done, in what was ended from outside. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/json/json.js';
import { expectReplays } from '../support/expect-replays.js';
import {
  PATIENCE,
  TWO,
  bed,
  childOf,
  infoOf,
  stateOf,
  taskOf,
  treeOf,
  trigger,
  untilStatus,
  usage,
  useTreeBed,
} from './tree-bed.js';

useTreeBed();

const LOOP = JSON.stringify({
  name: 'loop',
  version: '1',
  phases: [{ name: 'work', task: 'Work', next: 'work' }],
});
const NEST = JSON.stringify({
  name: 'nest',
  version: '1',
  phases: [{ name: 'split', subworkflow: JSON.parse(LOOP) as unknown }],
});

describe('a child that is ended from outside before it has told anything', () => {
  test.each([
    { who: 'the child', deep: false },
    { who: 'the parent of the one that spent', deep: true },
  ])('is counted with all that was used: $who', async ({ deep }) => {
    const { workflowId: root } = await bed().start(
      `phases: [{ name: a, tasks: [{ name: part, subworkflow: ${deep ? NEST : LOOP}, on_failure: continue }] }, { name: b, task: B }]`,
      { resource_quota: { max_tokens: 1000 } },
    );
    const child = await childOf(root, 'a#1/part');
    const lowest = deep ? await childOf(child, 'split#1/split') : child;
    await trigger(lowest, usage(30));
    await trigger(lowest, usage(7));
    await bed().temporal.workflow.getHandle(child).terminate('enough');
    await expect.poll(async () => (await taskOf(root, 'a#1/part'))?.status, PATIENCE).toBe('failed');
    expect(await treeOf(root)).toMatchObject({
      total_tokens: 37,
      terminated_nodes: deep ? 2 : 1,
      running_nodes: 1,
      max_depth: deep ? 2 : 1,
    });
    const [told] = (await bed().engine.getHistory(root)).filter(
      (e) => e.event_type === 'subworkflow_terminated',
    );
    expect(told?.data).toMatchObject({ details: { reason: 'enough', instance_id: child } });
    const { children } = await bed()
      .temporal.workflow.getHandle(root)
      .query<{ children: unknown[] }>('monitor_workflow_tree');
    expect(children).toMatchObject([{ instance_id: child, status: 'terminated', reason: 'enough' }]);
    await expectReplays(bed().temporal, [root]);
  });

  test('and that no worker ever had, is counted as nothing', async () => {
    await bed().stopWorker();
    try {
      const { temporal } = bed();
      const root = await temporal.workflow.start('chatflow', {
        workflowId: 'wfi_00000000beef',
        taskQueue: 'chatflow',
        args: [{ feature_id: 'f', schema: JSON.parse(LOOP) as unknown }],
      });
      await bed().startWorker();
      await expect.poll(async () => (await infoOf(root.workflowId)).current_phase, PATIENCE).toBe('work');
      const { instance_id } = await root.executeUpdate<{ instance_id: string }, [unknown]>(
        'create_subworkflow',
        { args: [{ schema: JSON.parse(LOOP) as unknown }] },
      );
      await bed().stopWorker();
      await temporal.workflow.getHandle(instance_id).terminate('never');
    } finally {
      await bed().startWorker();
    }
    await expect.poll(async () => (await infoOf('wfi_00000000beef')).terminated_children, PATIENCE).toBe(1);
    expect(await treeOf('wfi_00000000beef')).toMatchObject({ total_nodes: 2, total_tokens: 0 });
  });

  test('by a quota: what each has used is in the tree that failed', async () => {
    const { workflowId: root } = await bed().start(
      `phases: [{ name: a, tasks: [{ name: each, subworkflow: ${LOOP}, foreach: "[1, 2, 3]" }] }]`,
      { resource_quota: { max_tokens: 1000 } },
    );
    const children = await Promise.all([0, 1, 2].map((index) => childOf(root, `a#1/each[${index}]`)));
    await Promise.all(children.map((child) => trigger(child, usage(800))));
    await untilStatus(root, 'FAILED');
    expect(await treeOf(root)).toMatchObject({ total_tokens: 2400, failed_nodes: 1, terminated_nodes: 3 });
  });
});

describe('what was finished below one that was terminated', () => {
  const THREE = JSON.stringify({
    name: 'three',
    version: '1',
    phases: [
      { name: 'pre', task: 'Pre' },
      { name: 'fan', tasks: [{ name: 'each', subworkflow: JSON.parse(TWO) as unknown, foreach: '[1, 2]' }] },
    ],
  });

  /** The middle one is in `fan`: its first leaf has completed, its second stands in its second phase. */
  async function climb(root: string): Promise<{ middle: string; leaves: readonly string[] }> {
    const middle = await childOf(root, 'a#1/part');
    await trigger(middle, usage(1));
    const leaves = await Promise.all([0, 1].map((index) => childOf(middle, `fan#1/each[${index}]`)));
    await trigger(leaves[0] ?? '', { trigger_data: { a: 1 }, ...usage(1) });
    await trigger(leaves[0] ?? '', { trigger_data: { b: 2 }, ...usage(1) });
    await trigger(leaves[1] ?? '', { trigger_data: { a: 1 }, ...usage(1) });
    await expect.poll(async () => (await infoOf(middle)).completed_children, PATIENCE).toBe(1);
    return { middle, leaves };
  }

  async function expectGoesOn(middle: string): Promise<void> {
    const leaf = await childOf(middle, 'fan#1/each[1]');
    expect(await infoOf(middle)).toMatchObject({ current_phase: 'fan', child_count: 1 });
    expect((await stateOf(leaf)).current_phase).toBe('second');
    await trigger(leaf, { trigger_data: { b: 2 }, ...usage(1) });
  }

  test('by a quota is not done again where the tree is retried', async () => {
    const { workflowId: root } = await bed().start(
      `phases: [{ name: a, tasks: [{ name: part, subworkflow: ${THREE} }] }]`,
      { resource_quota: { max_tokens: 100 } },
    );
    const { middle, leaves } = await climb(root);
    const schema = JSON.parse(LOOP) as JsonObject;
    const { instance_id } = await bed().engine.createSubworkflow(root, { schema });
    await expect.poll(async () => (await infoOf(root)).running_children, PATIENCE).toBe(2);
    await bed().engine.triggerNextStep(instance_id, usage(100));
    await untilStatus(root, 'FAILED');
    await untilStatus(leaves[1] ?? '', 'TERMINATED');
    await bed().engine.retry(root, { resource_quota: { max_tokens: 1000 } });
    await expectGoesOn(await childOf(root, 'a#1/part', middle));
    await untilStatus(root, 'COMPLETED');
    expect(await treeOf(root)).toMatchObject({
      total_tokens: 105,
      completed_nodes: 4,
      terminated_nodes: 2,
      failed_nodes: 1,
    });
  });

  test('by somebody is not done again where its task is retried', async () => {
    const { workflowId: root } = await bed().start(
      `phases: [{ name: a, execution_strategy: parallel, tasks: [{ name: part, subworkflow: ${THREE}, on_failure: continue }, { name: keep, task: Keep }] }]`,
    );
    const { middle } = await climb(root);
    await bed().temporal.workflow.getHandle(middle).terminate('enough');
    await expect.poll(async () => (await taskOf(root, 'a#1/part'))?.status, PATIENCE).toBe('failed');
    await bed().engine.retryTask(root, { task: 'part' });
    await expectGoesOn(await childOf(root, 'a#1/part', middle));
    await expect.poll(async () => (await taskOf(root, 'a#1/part'))?.status, PATIENCE).toBe('completed');
  });
});

test('a tree that was terminated at once is told exactly, to whoever asks while a worker is there', async () => {
  const tasks = [
    { name: 'split', subworkflow: JSON.parse(LOOP) as unknown },
    { name: 'own', task: 'Own' },
  ];
  const phases = [{ name: 'split', execution_strategy: 'parallel', tasks }];
  const { workflowId: root } = await bed().start(
    `phases: [{ name: a, tasks: [{ name: part, subworkflow: ${JSON.stringify({ name: 'both', version: '1', phases })} }] }]`,
  );
  const middle = await childOf(root, 'a#1/part');
  const lowest = await childOf(middle, 'split#1/split');
  await trigger(middle, { task: 'own', usage: { tokens: 7, cost_usd: 0.1 } });
  await trigger(lowest, { usage: { tokens: 300, cost_usd: 0.2 } });
  await trigger(lowest, { usage: { tokens: 100 } });
  await bed().engine.terminateWorkflowTree(root, 'enough');
  await untilStatus(lowest, 'TERMINATED');
  const sum = { total_tokens: 407, total_cost_usd: 0.3, unpriced_tokens: 100 };
  for (const [id, terminated_nodes] of [
    [root, 3],
    [middle, 2],
  ] as const)
    await expect
      .poll(() => bed().engine.getWorkflowTreeStatus(id), PATIENCE)
      .toMatchObject({ ...sum, terminated_nodes });
  const used = { tokens: 407, cost_usd: 0.3, unpriced_tokens: 100 };
  const lowestUsed = { tokens: 400, cost_usd: 0.2, unpriced_tokens: 100 };
  const monitor = await bed().engine.monitorWorkflowTree(root, { depth: 2 });
  expect(monitor).toMatchObject({
    tree_status: sum,
    root: { usage: used, reason: 'enough' },
    children: [
      {
        instance_id: middle,
        usage: used,
        children: [{ instance_id: lowest, usage: lowestUsed, current_phase: 'work' }],
      },
    ],
  });
});

describe('a price', () => {
  test('that is not known is told from one of nothing in a terminated tree, with no worker', async () => {
    const { workflowId: root } = await bed().start(
      `phases: [{ name: a, tasks: [{ name: each, subworkflow: ${LOOP}, foreach: "[1, 2]" }] }]`,
    );
    const [free, unknown] = await Promise.all([0, 1].map((index) => childOf(root, `a#1/each[${index}]`)));
    await trigger(free ?? '', usage(5));
    await trigger(unknown ?? '', { usage: { tokens: 7 } });
    const listed = async (): Promise<unknown[]> =>
      (await bed().engine.listInstances({ schema: 'loop' })).map(({ tokens, cost_usd, unpriced_tokens }) => ({
        tokens,
        cost_usd,
        unpriced_tokens,
      }));
    await expect.poll(listed, PATIENCE).toEqual(
      expect.arrayContaining([
        { tokens: 5, cost_usd: 0, unpriced_tokens: undefined },
        { tokens: 7, cost_usd: 0, unpriced_tokens: 7 },
      ]),
    );
    await bed().stopWorker();
    try {
      await bed().engine.terminateWorkflowTree(root, 'enough');
      const byId = async (): Promise<unknown> => {
        const { children } = await bed().engine.monitorWorkflowTree(root);
        return Object.fromEntries(
          children.map(({ instance_id, status, usage: used }) => [instance_id, { status, used }]),
        );
      };
      await expect.poll(byId, PATIENCE).toEqual({
        [free ?? '']: { status: 'terminated', used: { tokens: 5, cost_usd: 0 } },
        [unknown ?? '']: { status: 'terminated', used: { tokens: 7, cost_usd: 0, unpriced_tokens: 7 } },
      });
      expect(await bed().engine.getWorkflowTreeStatus(root)).toMatchObject({
        total_tokens: 12,
        unpriced_tokens: 7,
      });
    } finally {
      await bed().startWorker();
    }
  });
});

test('the client refuses a child whose own definition allows no such depth, before anything is asked', async () => {
  const { workflowId: root } = await bed().start('phases: [{ name: a, task: A }]');
  const shallow = {
    name: 'shallow',
    version: '1',
    max_recursion_depth: 1,
    phases: [{ name: 'x', task: 'X' }],
  };
  const { instance_id } = await bed().engine.createSubworkflow(root, { schema: shallow });
  await expect.poll(async () => (await infoOf(root)).running_children, PATIENCE).toBe(1);
  await expect(bed().engine.createSubworkflow(instance_id, { schema: shallow })).rejects.toMatchObject({
    type: 'MaxRecursionDepthExceededError',
    details: { current: 2, max: 1, instance_id },
  });
  expect((await bed().engine.getWorkflowStatusInfo(instance_id)).child_count).toBe(0);
});

test('time that an open instance has taken goes on for readers, though no workflow task comes', async () => {
  const { workflowId: root } = await bed().start('phases: [{ name: a, task: A }]');
  const elapsed = async (): Promise<number> => (await bed().engine.getWorkflowState(root)).usage.elapsed_sec;
  const before = await elapsed();
  await expect.poll(elapsed, PATIENCE).toBeGreaterThan(before + 0.2);
  expect((await bed().engine.getWorkflowState(root)).usage).not.toHaveProperty('as_of');
});
