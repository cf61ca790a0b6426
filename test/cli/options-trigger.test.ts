/** What the options of `start`, `trigger` and `history` do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCli } from './start-cli.js';
import type { TestCli } from './start-cli.js';

const schema = `
name: triggered
version: "1.0"
automation_level: 30
phases:
  - name: write
    execution_strategy: parallel
    tasks:
      - { name: draft, task: Draft it, expects: { type: object, properties: { pages: { type: number } } } }
      - { name: check, task: Check it }
  - { name: gate, approval: Good? }
`;

let cli: TestCli;

beforeAll(async () => {
  cli = await startCli();
});

afterAll(async () => {
  await cli?.stop();
});

async function statusOfTasks(id: string): Promise<Record<string, string>> {
  const { tasks } = await cli.engine.getWorkflowState(id);
  return Object.fromEntries(tasks.map((task) => [task.name, task.status]));
}

const UNTOUCHED = { draft: 'open', check: 'open' };

describe('start', () => {
  test('gives the instance all that its options say', async () => {
    const id = await cli.start(
      schema,
      ...['--tenant', 'acme', '--automation-level', '70', '--feature', 'F-start'],
      ...['--context', '{"guest": "Ada"}', '--meta', '{"by": "ann"}', '--quota', '{"max_tokens": 10}'],
    );
    expect(await cli.engine.getWorkflowState(id)).toMatchObject({
      tenant_id: 'acme',
      automation_level: 70,
      feature_id: 'F-start',
      variables: { guest: 'Ada' },
      meta: { by: 'ann' },
      resource_quota: { max_tokens: 10 },
    });
  });

  test('without them takes what the definition says, and the defaults', async () => {
    expect(await cli.engine.getWorkflowState(await cli.start(schema))).toMatchObject({
      tenant_id: 'default',
      automation_level: 30,
      feature_id: 'triggered',
      meta: {},
    });
  });

  test('takes an automation level of 0 for what it is', async () => {
    const id = await cli.start(schema, '--automation-level', '0');
    expect(await cli.engine.getWorkflowState(id)).toMatchObject({ automation_level: 0 });
  });
});

describe('trigger', () => {
  test('--task names the one task that it completes', async () => {
    const id = await cli.begin({ schema });
    expect((await cli.run('trigger', id, '--task', 'check')).code).toBe(0);
    expect(await statusOfTasks(id)).toEqual({ draft: 'open', check: 'completed' });
  });

  test.each(['gate', 'write#2'])('--expected-phase %s refuses a task of write#1', async (phase) => {
    const id = await cli.begin({ schema });
    expect(await cli.run('trigger', id, '--task', 'draft', '--expected-phase', phase)).toMatchObject({
      code: 1,
      json: { error: { type: 'PhaseMismatchError' } },
    });
    expect(await statusOfTasks(id)).toEqual(UNTOUCHED);
  });

  test('--expected-phase of the task lets it pass', async () => {
    const id = await cli.begin({ schema });
    for (const [task, phase] of [
      ['draft', 'write'],
      ['check', 'write#1'],
    ] as const) {
      expect((await cli.run('trigger', id, '--task', task, '--expected-phase', phase)).code).toBe(0);
    }
    expect(await cli.engine.getWorkflowStatusInfo(id)).toMatchObject({ current_phase: 'gate' });
  });

  test('--meta merges into that of the instance, --usage adds to what it has cost', async () => {
    const id = await cli.begin({ schema, meta: { by: 'ann', round: 1 } });
    const spend = (task: string, usage: string) =>
      cli.run('trigger', id, '--task', task, '--meta', '{"round": 2}', '--usage', usage);
    await spend('draft', '{"tokens": 1200, "cost_usd": 0.02}');
    await spend('check', '{"tokens": 34}');
    expect(await cli.engine.getWorkflowState(id)).toMatchObject({
      meta: { by: 'ann', round: 2 },
      usage: { tokens: 1234, cost_usd: 0.02 },
    });
  });

  test('a claimed task takes its --claim-id and no other', async () => {
    const id = await cli.begin({ schema });
    const claimed = { agent_id: 'ann', lease_sec: 600, task: 'draft' };
    const { claim_id = '' } = await cli.engine.claimTask(id, claimed);
    for (const claim of [[], ['--claim-id', 'clm_0000000000000000']]) {
      expect(await cli.run('trigger', id, '--task', 'draft', ...claim)).toMatchObject({
        code: 1,
        json: { error: { type: 'TaskAlreadyClaimedError' } },
      });
    }
    expect(await statusOfTasks(id)).toEqual(UNTOUCHED);
    expect((await cli.run('trigger', id, '--task', 'draft', '--claim-id', claim_id)).code).toBe(0);
    expect(await statusOfTasks(id)).toMatchObject({ draft: 'completed' });
  });

  test('--outcome failed fails the task with --error', async () => {
    const id = await cli.begin({ schema });
    const error = '{"type": "NoIdeaError", "message": "none at all", "details": {"tried": 3}}';
    const options = ['--task', 'draft', '--outcome', 'failed', '--error', error];
    expect(await cli.run('trigger', id, ...options)).toMatchObject({ code: 0, json: { status: 'failed' } });
    expect(await cli.engine.getWorkflowState(id)).toMatchObject({
      status: 'failed',
      failure: { type: 'NoIdeaError', message: 'none at all', details: { tried: 3 } },
    });
  });

  test('--outcome completed completes it', async () => {
    const id = await cli.begin({ schema });
    await cli.run('trigger', id, '--task', 'draft', '--outcome', 'completed');
    expect(await statusOfTasks(id)).toEqual({ draft: 'completed', check: 'open' });
  });

  test('the same --trigger-id changes nothing the second time', async () => {
    const id = await cli.begin({ schema });
    const send = (trigger: string) =>
      cli.run('trigger', id, '--trigger-id', trigger, '--task', trigger, '--usage', '{"tokens": 5}');
    expect(await send('draft')).toMatchObject({ code: 0, json: { duplicate: false } });
    expect(await send('draft')).toMatchObject({ code: 0, json: { duplicate: true } });
    expect((await cli.engine.getWorkflowState(id)).usage).toMatchObject({ tokens: 5 });
    expect(await send('check')).toMatchObject({ code: 0, json: { duplicate: false } });
  });
});

describe('trigger --dry-run', () => {
  test('says what would happen, exits 0 and leaves no trace', async () => {
    const id = await cli.begin({ schema });
    expect(await cli.run('trigger', id, '--task', 'draft', '--dry-run')).toMatchObject({
      code: 0,
      json: { instance_id: id, applied: true, current_phase: 'write' },
    });
    expect(await statusOfTasks(id)).toEqual(UNTOUCHED);
  });

  test.each([
    ['another phase', ['--task', 'draft', '--expected-phase', 'gate'], 'PhaseMismatchError', 1],
    ['a task that is not open', ['--task', 'gate'], 'TaskNotFoundError', 1],
    [
      'data that the task does not take',
      ['--task', 'draft', '--data', '{"pages": "x"}'],
      'InvalidInputError',
      5,
    ],
  ])('for %s exits as the trigger itself would', async (_name, options, type, code) => {
    const id = await cli.begin({ schema });
    expect(await cli.run('trigger', id, ...options, '--dry-run')).toMatchObject({
      code,
      json: { applied: false, error: { type } },
    });
    expect(await cli.run('trigger', id, ...options)).toMatchObject({ code, json: { error: { type } } });
    expect(await statusOfTasks(id)).toEqual(UNTOUCHED);
  });
});

describe('history', () => {
  test('--after leaves out the events up to a number, --follow alike', async () => {
    const id = await cli.begin({ schema });
    await cli.engine.triggerBatch(id, [{ task: 'draft' }, { task: 'check' }]);
    await cli.engine.terminateWorkflowTree(id, 'seen enough');
    const whole = await cli.engine.getHistory(id);
    expect(whole.length).toBeGreaterThan(4);
    expect((await cli.run('history', id, '--after', '3')).json).toEqual(whole.slice(3));
    expect((await cli.run('history', id, '--after', String(whole.length))).json).toEqual([]);
    const following = cli.follow('history', id, '--follow', '--after', '3');
    expect(await following.code).toBe(0);
    expect(following.seen()).toEqual(whole.slice(3));
  });

  test('--follow goes on until the instance has closed, and shows each event once', async () => {
    const id = await cli.begin({ schema });
    const following = cli.follow('history', id, '--follow');
    await expect.poll(() => following.seen().length, { timeout: 15_000 }).toBeGreaterThan(0);
    await cli.engine.triggerBatch(id, [{ task: 'draft' }, { task: 'check' }]);
    await cli.engine.triggerNextStep(id, { task: 'gate#1/gate', trigger_data: { decision: 'approve' } });
    expect(await following.code).toBe(0);
    expect(following.seen()).toEqual(await cli.engine.getHistory(id));
  });
});
