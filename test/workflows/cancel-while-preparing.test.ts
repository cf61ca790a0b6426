/** A request to cancel that comes together with a signal, before the instance has been prepared. */
import { expect, test } from 'vitest';
import { expectReplays } from '../support/expect-replays.js';
import { newInstanceId } from './test-bed.js';
import { startTestWorker } from '../support/temporal-server.js';
import { getWorkflowBundle } from '../support/workflow-bundle.js';
import { PATIENCE, bed, untilStatus, useTreeBed } from './tree-bed.js';

useTreeBed();

/** The start, a workflow task, and `chatflow.prepare`. */
const SCHEDULED_EVENTS = 5;

test('is answered by the instance, and each signal stands in its history', async () => {
  await bed().stopWorker();
  const id = newInstanceId();
  const undo = { command: ['node', '--version'] };
  const phases = [
    { name: 'one', tasks: [{ name: 'one', task: 'One', compensate: undo }] },
    { name: 'two', task: 'Two' },
  ];
  const handle = await bed().temporal.workflow.start('chatflow', {
    workflowId: id,
    taskQueue: 'chatflow',
    args: [{ feature_id: 'f', schema: { name: 'late', version: '1', phases } }],
  });
  // A worker without activities: the definition stays to be prepared.
  const { namespace } = bed();
  const workflowBundle = await getWorkflowBundle();
  const preparing = await startTestWorker({ namespace, taskQueue: 'chatflow', workflowBundle });
  const events = async (): Promise<number> => (await handle.describe()).historyLength;
  await expect.poll(events, PATIENCE).toBe(SCHEDULED_EVENTS);
  await handle.signal('trigger_next_step', { trigger_data: { a: 1 } });
  await handle.signal('trigger_next_step', { task: 'nowhere' });
  await handle.cancel();
  await expect.poll(events, PATIENCE).toBeGreaterThan(SCHEDULED_EVENTS + 5);
  await preparing.stop();
  await bed().startWorker();
  await untilStatus(id, 'CANCELLED');
  const types = (await bed().engine.getHistory(id)).map(({ event_type }) => event_type);
  expect(types).toEqual(
    expect.arrayContaining(['instance_created', 'cancel_requested', 'workflow_cancelled']),
  );
  const heard = types.filter((type) => type === 'trigger_applied' || type === 'trigger_rejected');
  expect(heard, 'each signal was applied, or refused with a reason').toHaveLength(2);
  expect((await bed().engine.getWorkflowState(id)).status).toBe('cancelled');
  await expectReplays(bed().temporal, [id]);
});
