import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { untilProcessed } from '../../src/client/until-processed.js';

const rejected = (type: string): WorkflowUpdateFailedError =>
  new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.create({ message: 'no', type }));

/** Fails so often, then answers; counts the calls. */
function failing(error: Error, times: number): { readonly send: () => Promise<string>; calls: number } {
  const sender = {
    calls: 0,
    send: (): Promise<string> => {
      sender.calls += 1;
      return sender.calls <= times ? Promise.reject(error) : Promise.resolve('applied');
    },
  };
  return sender;
}

test('an update that no worker has processed is sent again', async () => {
  const sender = failing(rejected('UnprocessedUpdate'), 2);
  expect(await untilProcessed(sender.send)).toBe('applied');
  expect(sender.calls).toBe(3);
});

test('what an instance refuses is not', async () => {
  const sender = failing(rejected('TaskNotFoundError'), 1);
  await expect(untilProcessed(sender.send)).rejects.toThrow('Workflow Update failed');
  expect(sender.calls).toBe(1);
});

test('it is given up after a few times', async () => {
  const sender = failing(rejected('UnprocessedUpdate'), 99);
  await expect(untilProcessed(sender.send)).rejects.toThrow('Workflow Update failed');
  expect(sender.calls).toBe(6);
});
