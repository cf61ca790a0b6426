/** What instances of a tree say to each other arrives: all of it, in its order, whenever the sender's run ends. */
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { PATIENCE, bed, resultOf, stateOf, untilIn, useTreeBed } from './tree-bed.js';

useTreeBed();

const CHILD = { name: 'child', version: '1', phases: [{ name: 'work', task: 'Work' }] };
const PARENT = 'phases: [{ name: work, task: Work }]';

async function startPair(): Promise<readonly [parent: WorkflowHandle, child: WorkflowHandle]> {
  const { workflowId } = await bed().start(PARENT);
  const { instance_id } = await bed().engine.createSubworkflow(workflowId, { schema: CHILD });
  await untilIn(instance_id, 'work');
  const { workflow } = bed().temporal;
  return [workflow.getHandle(workflowId), workflow.getHandle(instance_id)];
}

/** What an instance has heard, by its history: expressions see the last hundred. */
async function heardBy(handle: WorkflowHandle): Promise<readonly unknown[]> {
  const events = await bed().engine.getHistory(handle.workflowId);
  return events.flatMap(({ event_type, data }) => (event_type === 'message_received' ? [data['data']] : []));
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_none, index) => index);

describe('messages', () => {
  test('arrive in the order of their sending, up and down', async () => {
    const [parent, child] = await startPair();
    for (const n of numbers(30)) {
      await child.signal('publish_to_parent', n);
      await parent.signal('message_child', { instance_id: child.workflowId, data: n });
    }
    await expect.poll(async () => (await heardBy(parent)).length, PATIENCE).toBe(30);
    await expect.poll(async () => (await heardBy(child)).length, PATIENCE).toBe(30);
    expect(await heardBy(parent)).toEqual(numbers(30));
    expect(await heardBy(child)).toEqual(numbers(30));
  });

  test('reach a child that has only just been asked for', async () => {
    const { workflowId } = await bed().start(PARENT);
    const parent = bed().temporal.workflow.getHandle(workflowId);
    for (const n of numbers(5)) {
      const { instance_id } = await bed().engine.createSubworkflow(workflowId, { schema: CHILD });
      await parent.signal('message_child', { instance_id, data: n });
      await untilIn(instance_id, 'work');
      const child = bed().temporal.workflow.getHandle(instance_id);
      await expect.poll(() => heardBy(child), PATIENCE).toEqual([n]);
    }
  });

  test('are not lost where their sender goes on in a new run, or ends', async () => {
    const [parent, child] = await startPair();
    const sent = 220; // past the mark of 200 inputs
    for (let start = 0; start < sent; start += 20)
      await Promise.all(numbers(20).map((n) => child.signal('publish_to_parent', start + n)));
    const isInItsSecondRun = async (): Promise<boolean> => {
      const { runId, raw } = await child.describe();
      return raw.workflowExecutionInfo?.firstRunId !== runId;
    };
    await expect.poll(isInItsSecondRun, PATIENCE).toBe(true);
    await Promise.all([
      child.signal('publish_to_parent', 'last'),
      child.signal('trigger_next_step', { task: 'work' }),
    ]);
    await resultOf(child.workflowId);
    const said = (await bed().engine.getHistory(child.workflowId)).filter(
      ({ event_type }) => event_type === 'message_published',
    ).length;
    expect(said).toBeGreaterThanOrEqual(sent);
    const heard = await heardBy(parent);
    expect(heard).toHaveLength(said);
    expect(new Set(heard)).toEqual(new Set([...numbers(sent), ...(said > sent ? ['last'] : [])]));
    expect((await stateOf(parent.workflowId)).status).toBe('created');
  });
});
