/** Children that close while nobody works for their parent: it hears of each, once somebody does again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/json/json.js';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../src/workflows/messages.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { CHILDREN_QUEUE } from '../support/fixtures/children-elsewhere.js';
import { bundleWithInterceptors } from '../support/workflow-bundle.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

const PATIENCE = { timeout: 30_000, interval: 50 };

const PARENT = `
phases:
  - name: split
    tasks:
      - name: leaves
        foreach: "[1, 2, 3]"
        context: { n: "\${item}" }
        on_failure: continue
        subworkflow: { name: leaf, version: "1", phases: [{ name: work, task: Work }], result: { doubled: variables.n * 2 } }
    outputs:
      ends: tasks.leaves.map(t, t.status)
      found: 'tasks.leaves.filter(t, t.status == "completed").map(t, t.output.doubled)'
`;

/** Its children, by the elements that they do, once all have been prepared. */
async function childrenOf(bed: TestBed, id: string): Promise<readonly string[]> {
  const read = async (): Promise<readonly string[]> => {
    const { tasks } = await bed.engine.getWorkflowState(id);
    const ids = tasks.map(({ instance_id }) => instance_id ?? '');
    await Promise.all(ids.map((child) => bed.engine.getWorkflowStatusInfo(child)));
    return ids;
  };
  await expect.poll(async () => (await read().catch(() => [])).filter(Boolean).length, PATIENCE).toBe(3);
  return read();
}

const statusOf = async (bed: TestBed, id: string): Promise<string> =>
  (await bed.temporal.workflow.getHandle(id).describe()).status.name;

/** How often the server has written an event into the history of an instance, by the name of its attributes. */
async function countOf(bed: TestBed, id: string, attributes: string): Promise<number> {
  const { events } = await bed.temporal.workflow.getHandle(id).fetchHistory();
  return (events ?? []).filter((event) => (event as unknown as Record<string, unknown>)[attributes] != null)
    .length;
}

/** How many tasks workers have done for an instance. */
const tasksOf = (bed: TestBed, id: string): Promise<number> =>
  countOf(bed, id, 'workflowTaskCompletedEventAttributes');

describe('children that are terminated while no worker is alive', () => {
  let bed: TestBed;

  beforeAll(async () => {
    bed = await openTestBed();
  });

  afterAll(async () => {
    await bed?.stop();
  });

  test('are joined when one comes back, each as what it is', async () => {
    const { workflowId: root } = await bed.start(PARENT);
    const children = await childrenOf(bed, root);
    const [first = '', second = '', third = ''] = children;
    await bed.stopWorker();
    const tasks = await tasksOf(bed, root);
    for (const child of [first, second]) await bed.temporal.workflow.getHandle(child).terminate('by hand');
    for (const child of [first, second])
      await expect.poll(() => statusOf(bed, child), PATIENCE).toBe('TERMINATED');
    const attributes = 'childWorkflowExecutionTerminatedEventAttributes';
    await expect.poll(() => countOf(bed, root, attributes), PATIENCE).toBe(2);
    expect(await tasksOf(bed, root)).toBe(tasks);
    expect(await statusOf(bed, root)).toBe('RUNNING');
    await bed.startWorker();
    await expect
      .poll(() => bed.engine.getWorkflowStatusInfo(root), PATIENCE)
      .toMatchObject({ terminated_children: 2, running_children: 1 });
    await bed.engine.triggerNextStep(third);
    expect(await bed.engine.getResult(root)).toMatchObject({
      ends: ['failed', 'failed', 'completed'],
      found: [6],
    });
    const events = await bed.engine.getHistory(root);
    expect(typesOf(events).filter((type) => type === 'subworkflow_terminated')).toHaveLength(2);
    expect(typesOf(events).filter((type) => type === 'subworkflow_completed')).toHaveLength(1);
  });
});

describe('children that complete on a worker of theirs while that of their parent is gone', () => {
  let parents: TestBed;
  let children: TestBed;

  beforeAll(async () => {
    const workflowBundle = await bundleWithInterceptors(
      new URL('../support/fixtures/children-elsewhere.ts', import.meta.url),
    );
    parents = await openTestBed({ worker: { workflowBundle } });
    const { namespace, store } = parents;
    children = await openTestBed({ worker: { workflowBundle, namespace, taskQueue: CHILDREN_QUEUE }, store });
  });

  afterAll(async () => {
    await children?.stop();
    await parents?.stop();
  });

  test('are joined when it comes back, each once', async () => {
    const { workflowId: root } = await parents.start(PARENT);
    const ids = await childrenOf(parents, root);
    await parents.stopWorker();
    const tasks = await tasksOf(parents, root);
    for (const id of ids)
      await parents.engine.triggerNextStep(id, { trigger_data: {}, usage: { tokens: 3 } });
    for (const id of ids) await expect.poll(() => statusOf(parents, id), PATIENCE).toBe('COMPLETED');
    const attributes = 'childWorkflowExecutionCompletedEventAttributes';
    await expect.poll(() => countOf(parents, root, attributes), PATIENCE).toBe(3);
    expect(await tasksOf(parents, root)).toBe(tasks);
    expect(await statusOf(parents, root)).toBe('RUNNING');
    await parents.startWorker();
    expect(await parents.engine.getResult(root)).toMatchObject({
      ends: ['completed', 'completed', 'completed'],
      found: [2, 4, 6],
    });
    const events = await parents.engine.getHistory(root);
    const joined = events.filter(({ event_type }) => event_type === 'subworkflow_completed');
    expect(joined.map(({ data }) => data['instance_id']).toSorted()).toEqual(ids.toSorted());
    expect(await parents.engine.getWorkflowTreeStatus(root)).toMatchObject({
      completed_nodes: 4,
      total_tokens: 9,
    });
  });

  test('are told of where they were terminated before anybody began them', async () => {
    await children.stopWorker();
    const schema = parse(PARENT.replace('phases:', 'name: early\nversion: "1"\nphases:')) as JsonObject;
    const { workflowId: root } = await parents.temporal.workflow.start(WORKFLOW_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: 'wfi_00000000ea51',
      args: [
        {
          feature_id: 'early',
          schema,
        },
      ],
    });
    const known = async (): Promise<readonly string[]> =>
      (await parents.engine.getWorkflowState(root)).children;
    await expect.poll(async () => (await known().catch(() => [])).length, PATIENCE).toBe(3);
    const [first = ''] = await known();
    await expect.poll(() => statusOf(parents, first).catch(() => ''), PATIENCE).toBe('RUNNING');
    await parents.engine.terminateWorkflowTree(root, 'too early');
    await expect.poll(() => statusOf(parents, first), PATIENCE).toBe('TERMINATED');
    await children.startWorker();
    const { engine } = parents;
    const ended = { instance_id: first, status: 'terminated', reason: 'too early' };
    expect(await engine.getWorkflowStatusInfo(first)).toMatchObject(ended);
    expect((await engine.monitorWorkflowTree(first)).root).toMatchObject(ended);
    expect(await engine.getHistory(first)).toMatchObject([
      { event_type: 'workflow_terminated', data: { reason: 'too early' } },
    ]);
    await expect(engine.getResult(first)).rejects.toThrow('The instance was terminated: too early');
    await expectChatFlowError('WorkflowClosedError', engine.getWorkflowState(first));
  });
});
