/** What the options of the commands that steer do to an instance, seen in what it is and in what its history says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../src/client/index.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startCli } from './start-cli.js';
import type { TestCli } from './start-cli.js';

const schema = `
name: steered
version: "1.0"
default_resource_quota: { max_tokens: 1000, max_cost_usd: 5 }
phases:
  - { name: plan, task: Plan it }
  - { name: code, task: Code it }
  - { name: gate, approval: Good? }
`;

let cli: TestCli;

beforeAll(async () => {
  cli = await startCli();
});

afterAll(async () => {
  await cli?.stop();
});

/** What the first event of a type says. */
async function dataOf(id: string, eventType: string): Promise<HistoryEvent['data'] | undefined> {
  const history = await cli.engine.getHistory(id);
  return history.find((event) => event.event_type === eventType)?.data;
}

async function openTask(id: string) {
  const { tasks } = await cli.engine.getWorkflowState(id);
  return tasks.find((task) => task.status === 'open');
}

/** An instance in its last phase, two behind it. */
async function beginAtGate(): Promise<string> {
  const id = await cli.begin({ schema });
  await cli.engine.triggerBatch(id, [{}, {}]);
  return id;
}

describe('--reason stands in the history', () => {
  test('of a pause', async () => {
    const id = await cli.begin({ schema });
    await cli.run('pause', id, '--reason', 'waiting for legal');
    expect(await dataOf(id, 'workflow_paused')).toEqual({ reason: 'waiting for legal' });
  });

  test('of a cancel', async () => {
    const id = await cli.begin({ schema });
    await cli.run('cancel', id, '--reason', 'not needed any more');
    await expectChatFlowError('WorkflowFailedError', cli.engine.getResult(id));
    expect(await dataOf(id, 'cancel_requested')).toEqual({ reason: 'not needed any more' });
    expect(await dataOf(id, 'workflow_cancelled')).toMatchObject({ reason: 'not needed any more' });
  });

  test('of a terminate', async () => {
    const id = await cli.begin({ schema });
    await cli.run('terminate', id, '--reason', 'runaway');
    expect(await dataOf(id, 'workflow_terminated')).toMatchObject({ reason: 'runaway' });
  });
});

test('pause and resume reach what lies below with --tree alone', async () => {
  const child = { name: 'child', version: '1.0', phases: [{ name: 'work', task: 'Work' }] };
  const id = await cli.begin({
    schema: JSON.stringify({ ...child, phases: [{ name: 'down', subworkflow: child }] }),
  });
  const below = async () => (await cli.engine.monitorWorkflowTree(id, { depth: 2 })).children[0]?.status;
  await expect.poll(below, { timeout: 20_000 }).toBe('created');
  await cli.run('pause', id);
  expect(await below()).toBe('created');
  await cli.run('resume', id);
  await cli.run('pause', id, '--tree');
  await expect.poll(below, { timeout: 20_000 }).toBe('paused');
  await cli.run('resume', id, '--tree');
  await expect.poll(below, { timeout: 20_000 }).toBe('created');
});

describe('rewind', () => {
  test.each(['plan', 'code'])('goes back to --phase %s', async (phase) => {
    const id = await beginAtGate();
    expect((await cli.run('rewind', id, '--phase', phase)).code).toBe(0);
    expect(await openTask(id)).toMatchObject({ task_id: `${phase}#2/${phase}` });
    expect(await dataOf(id, 'workflow_rewound')).toEqual({
      from: 'gate',
      guidance: null,
      rerun_children: false,
    });
  });

  test('merges --variables, and shows --guidance to whoever does the phase again', async () => {
    const id = await cli.begin({ schema, initial_context: { style: 'round', size: 3 } });
    await cli.engine.triggerNextStep(id);
    const options = ['--variables', '{"style": "flat"}', '--guidance', 'Simpler, please'];
    await cli.run('rewind', id, '--phase', 'plan', ...options);
    const { variables } = await cli.engine.getWorkflowState(id);
    expect(variables).toMatchObject({ style: 'flat', size: 3 });
    expect(await openTask(id)).toMatchObject({
      task_id: 'plan#2/plan',
      meta: { guidance: 'Simpler, please' },
    });
  });

  test('says with --rerun-children that children are to run again', async () => {
    const id = await beginAtGate();
    await cli.run('rewind', id, '--phase', 'plan', '--rerun-children');
    expect(await dataOf(id, 'workflow_rewound')).toMatchObject({ rerun_children: true });
  });
});

describe('retry', () => {
  test('takes --quota for the limits that it names, and shows --guidance', async () => {
    const id = await cli.begin({ schema });
    const error = { type: 'NoIdeaError', message: 'none' };
    await cli.engine.triggerNextStep(id, { outcome: 'failed', error });
    await expectChatFlowError('WorkflowFailedError', cli.engine.getResult(id));
    const options = ['--quota', '{"max_tokens": 200000}', '--guidance', 'Use the new API'];
    expect((await cli.run('retry', id, ...options)).code).toBe(0);
    const { resource_quota } = await cli.engine.getWorkflowState(id);
    expect(resource_quota).toMatchObject({ max_tokens: 200000, max_cost_usd: 5 });
    expect(await openTask(id)).toMatchObject({ phase: 'plan', meta: { guidance: 'Use the new API' } });
  });
});
