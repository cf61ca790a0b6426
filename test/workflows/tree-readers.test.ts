/** What readers tell of children that ended without having told of themselves. */
import { expect, test } from 'vitest';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import {
  bed,
  BROKEN,
  childOf,
  LEAF,
  PATIENCE,
  trigger,
  untilIn,
  untilStatus,
  useTreeBed,
} from './tree-bed.js';

useTreeBed();

const ASKING = 'phases: [{ name: hold, task: Hold }]';

test('a child that is refused at its start is told of by readers and lists, with the reason', async () => {
  const { workflowId: root } = await bed().start(ASKING, { feature_id: 'F-refused' });
  const { instance_id: child } = await bed()
    .engine.createSubworkflow(root, { schema_id: 'no-such' })
    .catch(() => askOtherwise(root));
  await untilStatus(child, 'FAILED');
  const reason = expect.stringMatching(/^SchemaNotFoundError: No definition no-such/) as string;
  const failed = { instance_id: child, status: 'failed', depth: 1, feature_id: 'F-refused' };
  await expect
    .poll(
      () =>
        bed()
          .engine.getWorkflowStatusInfo(child)
          .catch(() => null),
      PATIENCE,
    )
    .toMatchObject({ ...failed, reason });
  expect(await bed().engine.getWorkflowTreeStatus(child)).toMatchObject({ total_nodes: 1, failed_nodes: 1 });
  const [event] = await bed().engine.getHistory(child);
  expect(event).toMatchObject({
    event_type: 'workflow_failed',
    data: { failure: { type: 'SchemaNotFoundError' } },
  });
  const refusal = await expectChatFlowError('SchemaNotFoundError', bed().engine.getWorkflowState(child));
  expect(refusal.message).toContain('The instance was refused at its start');
  const instances = await bed().engine.listInstances({ feature_id: 'F-refused' });
  expect(instances.map(({ instance_id }) => instance_id).sort()).toEqual([root, child].sort());
  expect(instances.find(({ instance_id }) => instance_id === child)).toMatchObject({
    workflow_name: 'no-such',
    depth: 1,
  });
});

/** The client looks first; any other client does not. */
async function askOtherwise(root: string): Promise<{ instance_id: string }> {
  return bed()
    .temporal.workflow.getHandle(root)
    .executeUpdate('create_subworkflow', { args: [{ schema_id: 'no-such' }] });
}

test('a leaf that is terminated by itself is told of with the reason, while its parent goes on', async () => {
  const { workflowId: root } = await bed().start(`
phases:
  - name: split
    tasks:
      - { name: part, subworkflow: ${LEAF}, on_failure: continue }
      - { name: hold, task: Hold }
`);
  const leaf = await childOf(root, 'split#1/part');
  await untilIn(leaf, 'work');
  await bed().temporal.workflow.getHandle(leaf).terminate('by hand');
  await expect
    .poll(async () => (await bed().engine.monitorWorkflowTree(root, { depth: 2 })).children, PATIENCE)
    .toMatchObject([{ instance_id: leaf, status: 'terminated', reason: 'by hand', current_phase: 'work' }]);
});

test('after a retry the same request id gives a new child for one that ended with the instance', async () => {
  const { workflowId: root } = await bed().start(ASKING);
  const ask = async (): Promise<string> =>
    (
      await bed().engine.createSubworkflow(root, {
        schema: JSON.parse(LEAF) as object,
        request_id: 'r',
      } as never)
    ).instance_id;
  const first = await ask();
  expect(await ask()).toBe(first);
  await untilIn(first, 'work');
  await trigger(root, BROKEN);
  await untilStatus(root, 'FAILED');
  await bed().engine.retry(root);
  const second = await ask();
  expect(second).not.toBe(first);
  await untilIn(second, 'work');
});
