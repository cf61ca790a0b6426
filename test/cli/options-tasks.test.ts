/** What the options of `claim`, `heartbeat`, `release` and `tasks ID` do to an instance. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../src/client/index.js';
import { startCli } from './start-cli.js';
import type { TestCli } from './start-cli.js';

/** Two tasks for agents and one for a person, all open at once. */
const schema = `
name: tasks
version: "1.0"
phases:
  - name: write
    execution_strategy: parallel
    tasks:
      - { name: draft, task: Draft it }
      - { name: check, task: Check it }
      - { name: sign, approval: Good? }
`;

let cli: TestCli;

beforeAll(async () => {
  cli = await startCli();
});

afterAll(async () => {
  await cli?.stop();
});

async function runTask(...argv: readonly string[]): Promise<Task> {
  const { code, json } = await cli.run(...argv);
  expect(code).toBe(0);
  return json as Task;
}

/** Seconds that a claim is kept from now on. */
function secondsLeft(task: Task): number {
  return (Date.parse(task.lease_expires_at ?? '') - Date.now()) / 1000;
}

describe('claim', () => {
  test('takes the oldest open task for --agent, or the one that --task names', async () => {
    const id = await cli.begin({ schema });
    expect(await runTask('claim', id, '--agent', 'ann', '--task', 'check')).toMatchObject({
      task_id: 'write#1/check',
      claimed_by: 'ann',
    });
    expect(await runTask('claim', id, '--agent', 'bob')).toMatchObject({
      task_id: 'write#1/draft',
      claimed_by: 'bob',
    });
    expect(await cli.run('claim', id, '--agent', 'eve', '--task', 'write#1/check')).toMatchObject({
      code: 1,
      json: { error: { type: 'TaskAlreadyClaimedError', details: { claimed_by: 'ann' } } },
    });
  });

  test('keeps it for --lease seconds, by default for 300', async () => {
    const id = await cli.begin({ schema });
    await runTask('claim', id, '--agent', 'ann', '--lease', '7200');
    await runTask('claim', id, '--agent', 'ann');
    const claims = (await cli.engine.getHistory(id)).filter((event) => event.event_type === 'task_claimed');
    expect(claims.map(({ data }) => data['lease_sec'])).toEqual([7200, 300]);
  });

  test('the same --request-id gets the same claim again, another one does not', async () => {
    const id = await cli.begin({ schema });
    const ask = (request: string) => runTask('claim', id, '--agent', 'ann', '--request-id', request);
    const first = await ask('r1');
    expect(await ask('r1')).toMatchObject({ task_id: first.task_id, claim_id: first.claim_id });
    expect((await ask('r2')).task_id).not.toBe(first.task_id);
  });
});

describe('heartbeat', () => {
  test('keeps the claim for --lease seconds from now, without it for as long as before', async () => {
    const id = await cli.begin({ schema });
    const { claim_id = '' } = await runTask('claim', id, '--agent', 'ann', '--lease', '600');
    const asBefore = await runTask('heartbeat', id, '--claim-id', claim_id);
    expect(secondsLeft(asBefore)).toBeGreaterThan(300);
    expect(secondsLeft(asBefore)).toBeLessThanOrEqual(601);
    const longer = await runTask('heartbeat', id, '--claim-id', claim_id, '--lease', '7200');
    expect(secondsLeft(longer)).toBeGreaterThan(6000);
    expect(secondsLeft(longer)).toBeLessThanOrEqual(7201);
  });
});

test('heartbeat and release are for the task of --claim-id', async () => {
  const id = await cli.begin({ schema });
  const [first, second] = [
    await runTask('claim', id, '--agent', 'ann'),
    await runTask('claim', id, '--agent', 'ann'),
  ];
  for (const command of ['heartbeat', 'release']) {
    expect(await cli.run(command, id, '--claim-id', 'clm_0000000000000000')).toMatchObject({ code: 1 });
    for (const { task_id, claim_id = '' } of [second, first]) {
      expect(await runTask(command, id, '--claim-id', claim_id)).toMatchObject({ task_id });
    }
  }
});

describe('tasks of one instance', () => {
  test.each([
    [[], ['write#1/draft', 'write#1/check', 'write#1/sign']],
    [
      ['--waiting-for', 'agent'],
      ['write#1/draft', 'write#1/check'],
    ],
    [['--waiting-for', 'approval'], ['write#1/sign']],
  ])('with %j are %j', async (options, expected) => {
    const id = await cli.begin({ schema });
    const { json } = await cli.run('tasks', id, ...options);
    expect((json as { task: Task }[]).map(({ task }) => task.task_id)).toEqual(expected);
  });
});
