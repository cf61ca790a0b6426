/** Trees of instances that stand still, lose a child, or talk. */
import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../src/core/shapes.js';
import {
  BROKEN,
  PATIENCE,
  TWO,
  bed,
  childOf,
  eventsOf,
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

describe('a child that is killed while its parent is paused', () => {
  test('is counted at once, and joined at the resume', async () => {
    const { workflowId: root } = await bed().start(`
phases:
  - { name: child, subworkflow: ${TWO}, on_failure: last }
  - { name: last, task: Last }
`);
    const child = await childOf(root, 'child#1/child');
    await bed().engine.pause(root, { reason: 'wait' });
    await bed().temporal.workflow.getHandle(child).terminate('killed');
    await expect
      .poll(() => infoOf(root), PATIENCE)
      .toMatchObject({ terminated_children: 1, status: 'paused' });
    expect(await taskOf(root, 'child#1/child')).toMatchObject({ status: 'open', instance_id: child });
    await bed().engine.resume(root);
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
    const { workflowId: root } = await bed().start(WAITS);
    const { instance_id: child } = await bed().engine.createSubworkflow(root, { schema, on_failure });
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
    const { workflowId: root } = await bed().start(`
phases:
  - { name: hear, wait: { when: "messages.exists(m, m.data.found == 3)" } }
  - name: told
    execution_strategy: concurrent
    tasks:
      - { name: child, approval: "Found \${messages[0].data.found} by \${messages[0].from}" }
`);
    const { instance_id: child } = await bed().engine.createSubworkflow(root, {
      schema: {
        name: 'hears',
        version: '1',
        phases: [{ name: 'hear', wait: { when: 'messages.exists(m, m.data.go)' } }],
        result: { heard: 'messages.map(m, m.from)' },
      },
    });
    await untilIn(child, 'hear');
    await bed()
      .temporal.workflow.getHandle(child)
      .signal('publish_to_parent', { data: { found: 3 } });
    await untilIn(root, 'told');
    expect(await taskOf(root, 'told#1/child')).toMatchObject({ text: `Found 3 by ${child}` });
    await bed()
      .temporal.workflow.getHandle(root)
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
    const { workflowId: root } = await bed().start(`
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
    await bed().engine.pause(root, { reason: 'lunch', tree: true });
    await expect.poll(statuses, PATIENCE).toEqual(['paused', 'paused', 'paused']);
    await expect.poll(async () => (await treeOf(root)).paused_nodes, PATIENCE).toBe(3);
    await expect(trigger(bottom, { trigger_data: { a: 1 } })).rejects.toMatchObject({
      cause: { type: 'WorkflowPausedError' },
    });
    await bed().engine.resume(root, { tree: true });
    await expect.poll(statuses, PATIENCE).not.toContain('paused');
    await expect.poll(async () => (await treeOf(root)).paused_nodes, PATIENCE).toBe(0);
    await trigger(bottom, { trigger_data: { a: 1 } });
    await trigger(bottom, { trigger_data: { b: 1 } });
    await resultOf(root);
    expect(await treeOf(root)).toMatchObject({ total_nodes: 3, completed_nodes: 3 });
  });
});

describe('a quota that all levels share', () => {
  test('pauses them, and the extension of the root lets them finish', async () => {
    const MIDDLE = `{ name: middle, version: "1", phases: [{ name: down, subworkflow: ${TWO} }], result: { got: phases.down.output } }`;
    const { workflowId: root } = await bed().start(
      `
on_quota_exceeded: pause
phases: [{ name: child, subworkflow: ${MIDDLE} }]
result: { got: phases.child.output.got }
`,
      { resource_quota: { max_tokens: 100 } },
    );
    const middle = await childOf(root, 'child#1/child');
    const leaf = await childOf(middle, 'down#1/down');
    await untilIn(leaf, 'first');
    await trigger(leaf, { trigger_data: { a: 1 }, ...usage(120) });
    for (const id of [root, middle, leaf])
      await expect.poll(async () => (await infoOf(id)).status, PATIENCE).toBe('paused');
    expect(await treeOf(root)).toMatchObject({ paused_nodes: 3, total_tokens: 120 });

    await bed().engine.extendQuota(root, { max_tokens: 500 });
    for (const id of [root, middle, leaf])
      await expect.poll(async () => (await infoOf(id)).status, PATIENCE).toBe('running');
    expect((await stateOf(leaf)).resource_quota).toEqual({ max_tokens: 500 });
    expect((await eventsOf(leaf)).map(({ event_type }) => event_type)).toContain('quota_extended');
    await trigger(leaf, { trigger_data: { b: 2 }, ...usage(30) });
    expect(await resultOf(root)).toMatchObject({ got: { a: 1, b: 2 } });
    expect((await treeOf(root)).total_tokens).toBe(150);
  });
});

describe('a child that has not started yet', () => {
  /** Starts an instance whose worker finds the triggers and what is signalled after them in one task. */
  async function startTogether(
    yaml: string,
    signals: readonly (readonly [string, object])[],
  ): Promise<string> {
    const { workflowId: root } = await bed().start(yaml);
    await bed().stopWorker();
    for (const [name, argument] of signals)
      await bed().temporal.workflow.getHandle(root).signal(name, argument);
    await bed().startWorker();
    return root;
  }

  test('hears a pause of its tree once it has', async () => {
    const root = await startTogether(
      `phases: [{ name: start, task: Start }, { name: child, subworkflow: ${TWO} }]`,
      [
        ['trigger_next_step', {}],
        ['pause', { tree: true }],
      ],
    );
    const child = await childOf(root, 'child#1/child');
    await expect.poll(async () => (await infoOf(child)).status, PATIENCE).toBe('paused');
    await bed().engine.resume(root, { tree: true });
    await expect.poll(async () => (await infoOf(child)).status, PATIENCE).not.toBe('paused');
    await trigger(child, { trigger_data: { a: 1 } });
    await trigger(child, { trigger_data: { b: 1 } });
    await resultOf(root);
  });

  test('leaves the others of its definition alone as it is cancelled', async () => {
    const root = await startTogether(
      `
phases:
  - { name: start, task: Start }
  - name: either
    execution_strategy: parallel
    join: any
    tasks:
      - { name: child, subworkflow: ${TWO} }
      - { name: quick, task: Quick }
  - { name: other, subworkflow: ${TWO} }
`,
      [
        ['trigger_next_step', { task: 'start' }],
        ['trigger_next_step', { task: 'quick' }],
      ],
    );
    const child = await childOf(root, 'other#1/other');
    await trigger(child, { trigger_data: { a: 1 } });
    await trigger(child, { trigger_data: { b: 1 } });
    await resultOf(root);
    expect(await infoOf(root)).toMatchObject({ cancelled_children: 1, completed_children: 1 });
  });
});
