/** A workflow of another type in the same namespace is no instance, whatever it is asked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChatFlow } from '../../src/client/index.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

let setup: TestEngine;
/** Has no patience: nobody works for what it asks. */
let hasty: ChatFlow;

beforeAll(async () => {
  setup = await startEngine();
  hasty = await setup.open({ deadline_ms: 500 });
});

afterAll(async () => {
  await setup?.stop();
});

async function startForeign(workflowId: string): Promise<string> {
  await setup.temporal.workflow.start('payroll', { taskQueue: 'nobody', workflowId });
  return workflowId;
}

test('it is neither terminated nor cancelled', async () => {
  const id = await startForeign('payroll-1');
  await expectChatFlowError('InstanceNotFoundError', setup.engine.terminateWorkflowTree(id));
  await expectChatFlowError('InstanceNotFoundError', setup.engine.cancelWorkflowTree(id));
  const { status, raw } = await setup.temporal.workflow.getHandle(id).describe();
  expect(status.name).toBe('RUNNING');
  expect(raw.workflowExtendedInfo?.cancelRequested).toBe(false);
});

test('a message to it says that there is no such instance, not that there is no worker', async () => {
  const id = await startForeign('payroll-2');
  await expectChatFlowError('InstanceNotFoundError', hasty.triggerNextStep(id));
  await expectChatFlowError('InstanceNotFoundError', hasty.previewNextStep(id));
  await expectChatFlowError('InstanceNotFoundError', hasty.pause(id));
});

test('nor that it has closed, where it has', async () => {
  const id = await startForeign('payroll-3');
  await setup.temporal.workflow.getHandle(id).terminate();
  await expectChatFlowError('InstanceNotFoundError', setup.engine.triggerNextStep(id));
  await expectChatFlowError('InstanceNotFoundError', setup.engine.terminateWorkflowTree(id));
});
