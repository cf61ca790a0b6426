/** A client whose artifacts lie elsewhere than the engine's says where it has looked, and how to look elsewhere. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { createTestNamespace } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const schema = { name: 'short', version: '1.0', phases: [{ name: 'only' }] };

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

test('an instance that Temporal has forgotten', async () => {
  const instance = (await setup.engine.startWorkflowInstance({ schema })).instance_id ?? '';
  await setup.engine.triggerNextStep(instance);
  await setup.engine.getResult(instance);
  // What another namespace does not know is to it as forgotten: the snapshot in the store is all that is left.
  const namespace = await createTestNamespace();
  const forgetful = await setup.open({ namespace });
  expect(await forgetful.getWorkflowState(instance)).toMatchObject({ status: 'completed' });
  await expectChatFlowError('WorkflowClosedError', forgetful.terminateWorkflowTree(instance));
  const folder = temporaryFolder();
  const elsewhere = await setup.open({ namespace, data_dir: folder });
  for (const call of [
    () => elsewhere.getHistory(instance),
    () => elsewhere.getWorkflowStatusInfo(instance),
    () => elsewhere.triggerNextStep(instance),
    () => elsewhere.terminateWorkflowTree(instance),
  ]) {
    const error = await expectChatFlowError('InstanceNotFoundError', call);
    expect(error.message).toContain(join(folder, 'artifacts'));
    expect(error.message).toContain('CHATFLOW_DATA_DIR');
  }
});

test('a history whose older part lies in the store', { timeout: 240_000 }, async () => {
  const loop = {
    name: 'loop',
    version: '1.0',
    phases: [{ name: 'again', max_visits: 10_000, next: [{ goto: 'again' }] }],
  };
  const { instance_id } = await setup.engine.startWorkflowInstance({ schema: loop });
  const id = instance_id ?? '';
  const archived = async (): Promise<number> => {
    const page = await setup.temporal.workflow
      .getHandle(id)
      .query<{ segments: unknown[] }, [object]>('get_history', {});
    return page.segments.length;
  };
  while ((await archived()) === 0)
    await setup.engine.triggerBatch(
      id,
      Array.from({ length: 100 }, () => ({})),
    );
  const folder = temporaryFolder();
  const elsewhere = await setup.open({ data_dir: folder });
  const error = await expectChatFlowError('ArtifactNotFoundError', elsewhere.getHistory(id));
  expect(error.message).toContain(join(folder, 'artifacts'));
  expect(error.message).toContain('CHATFLOW_DATA_DIR');
});
