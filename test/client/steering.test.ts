import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArtifactRef, StartRequest } from '../../src/client/index.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const flow = `
name: flow
version: "2.1"
automation_level: 30
default_resource_quota: { max_tokens: 1000 }
phases:
  - name: plan
    condition: variables.?planned.orValue(false) == false
    task: Plan it
  - name: code
    tasks:
      - { name: write, task: Write it }
      - { name: check, task: Check it }
  - name: gate
    approval: Good?
    automation: 50
`;

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

async function start(request: Partial<StartRequest> = {}): Promise<string> {
  const { instance_id } = await setup.engine.startWorkflowInstance({ schema: flow, ...request });
  return instance_id ?? '';
}

async function historyLength(id: string): Promise<number> {
  return (await setup.temporal.workflow.getHandle(id).describe()).historyLength;
}

describe('a dry run', () => {
  test('of a start shows the plan and starts nothing, with no server either', async () => {
    const offline = await setup.open({ address: '127.0.0.1:9' });
    const planned = await offline.startWorkflowInstance({
      schema: flow,
      initial_context: { planned: true },
      feature_id: 'F-dry',
      automation_level: 70,
      resource_quota: { max_cost_usd: 2 },
      dry_run: true,
    });
    expect(planned).toMatchObject({
      instance_id: null,
      dry_run: true,
      current_phase: 'code',
      workflow_name: 'flow',
      schema_version: '2.1',
      plan: {
        automation_level: 70,
        resource_quota: { max_tokens: 1000, max_cost_usd: 2 },
        waiting_for: 'agent',
      },
    });
    expect(planned.plan?.phases.map(({ name, will }) => [name, will])).toEqual([
      ['plan', 'skip'],
      ['code', 'run'],
      ['gate', 'run'],
    ]);
    expect(await setup.engine.listInstancesByFeature('F-dry')).toEqual([]);
    await expectChatFlowError(
      'SchemaValidationError',
      offline.startWorkflowInstance({ schema: 'name: x', dry_run: true }),
    );
  });

  test('of a trigger says what would happen, and leaves no trace', async () => {
    const id = await start();
    const state = await setup.engine.getWorkflowState(id);
    const before = await historyLength(id);
    const would = await setup.engine.triggerNextStep(id, { trigger_data: { plan: 'x' }, dry_run: true });
    expect(would).toMatchObject({ applied: true, previous_phase: 'plan', current_phase: 'code' });
    expect(await setup.engine.previewNextStep(id, { expected_phase: 'code' })).toMatchObject({
      applied: false,
      error: { type: 'PhaseMismatchError' },
    });
    await expectChatFlowError('InvalidInputError', setup.engine.previewNextStep(id, { plan: 1 } as never));
    expect(await historyLength(id)).toBe(before);
    expect((await setup.engine.getWorkflowState(id)).tasks).toEqual(state.tasks);
    const did = await setup.engine.triggerNextStep(id, { trigger_data: { plan: 'x' } });
    expect(did).toEqual(would);
  });
});

describe('steering', () => {
  test('a paused instance refuses triggers until it is resumed', async () => {
    const id = await start();
    expect(await setup.engine.pause(id, { reason: 'lunch' })).toMatchObject({ status: 'paused' });
    await expectChatFlowError('WorkflowPausedError', setup.engine.triggerNextStep(id));
    expect((await setup.engine.resume(id)).status).not.toBe('paused');
    expect((await setup.engine.triggerNextStep(id)).current_phase).toBe('code');
  });

  test('of two agents that claim at once, one gets the task, and only its claim completes it', async () => {
    const id = await start();
    const claims = await Promise.all(
      ['ann', 'bob'].map((agent_id) =>
        setup.engine
          .claimTask(id, { agent_id, task: 'plan', lease_sec: 60, request_id: 'r1' })
          .then((task) => task.claim_id ?? '')
          .catch((error: { type: string }) => error.type),
      ),
    );
    const won = claims.filter((claim) => claim.startsWith('clm_'));
    expect(won).toHaveLength(1);
    expect(claims).toContain('TaskAlreadyClaimedError');
    const claim_id = won[0] ?? '';
    await expectChatFlowError('TaskAlreadyClaimedError', setup.engine.triggerNextStep(id));
    const extended = await setup.engine.heartbeatTask(id, { claim_id, lease_sec: 600 });
    expect(Date.parse(extended.lease_expires_at ?? '')).toBeGreaterThan(Date.now() + 500_000);
    expect((await setup.engine.triggerNextStep(id, { claim_id })).current_phase).toBe('code');
  });

  test('a released task can be claimed by another', async () => {
    const id = await start();
    const { claim_id = '' } = await setup.engine.claimTask(id, { agent_id: 'ann', lease_sec: 60 });
    const released = await setup.engine.releaseTask(id, { claim_id });
    expect(released.claimed_by).toBeUndefined();
    expect(await setup.engine.claimTask(id, { agent_id: 'bob', lease_sec: 60 })).toMatchObject({
      claimed_by: 'bob',
    });
  });

  test('rewind goes back with other variables and guidance', async () => {
    const id = await start();
    await setup.engine.triggerNextStep(id);
    const back = await setup.engine.rewind(id, {
      phase: 'plan',
      variables: { style: 'flat' },
      guidance: 'Simpler',
    });
    expect(back).toMatchObject({ applied: true, current_phase: 'plan' });
    const state = await setup.engine.getWorkflowState(id);
    expect(state.variables).toMatchObject({ style: 'flat' });
    const open = state.tasks.filter((task) => task.status === 'open');
    expect(open).toMatchObject([{ task_id: 'plan#2/plan', meta: { guidance: 'Simpler' } }]);
  });

  test('a higher automation level decides what waits for a person', async () => {
    const id = await start();
    await setup.engine.triggerNextStep(id);
    await setup.engine.triggerNextStep(id, { task: 'write' });
    await setup.engine.triggerNextStep(id, { task: 'check' });
    expect(await setup.engine.getWorkflowStatusInfo(id)).toMatchObject({ waiting_for: 'approval' });
    expect(await setup.engine.setAutomationLevel(id, 90)).toMatchObject({ status: 'completed' });
    await expectChatFlowError('WorkflowClosedError', setup.engine.setAutomationLevel(id, 10));
  });

  test('quotas are extended, and what is no quota is refused', async () => {
    const id = await start();
    await setup.engine.extendQuota(id, { max_tokens: 5000 });
    expect((await setup.engine.getWorkflowState(id)).resource_quota).toMatchObject({ max_tokens: 5000 });
    await expectChatFlowError('InvalidInputError', setup.engine.extendQuota(id, { max_tokens: -1 }));
  });

  test('only a failed task can be retried', async () => {
    await expectChatFlowError('TaskNotFoundError', setup.engine.retryTask(await start(), { task: 'plan' }));
  });
});

describe('artifacts', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  test('lie in the store as a person can read them; the instance holds references', async () => {
    const id = await start();
    const refs = await setup.engine.saveTaskArtifacts(id, 'plan', {
      prompt: 'Plan it, please',
      ai_response: '# A plan',
      record: { model: 'm-1' },
    });
    expect(refs.map((ref) => ref.kind)).toEqual(['prompt', 'ai_response', 'record']);
    const saved = await setup.engine.getTaskArtifacts(id, 'plan');
    expect(saved).toMatchObject({
      prompt: 'Plan it, please',
      ai_response: '# A plan',
      record: {
        model: 'm-1',
        prompt_checksum: sha256('Plan it, please'),
        response_checksum: sha256('# A plan'),
      },
    });
    expect((await setup.engine.getWorkflowState(id)).artifacts).toEqual(refs);
    expect(await setup.engine.listArtifacts(id)).toEqual(refs);
    const history = await setup.temporal.workflow.getHandle(id).fetchHistory();
    expect(JSON.stringify(history)).not.toContain(
      Buffer.from('Plan it, please').toString('base64').slice(0, 16),
    );
  });

  test('that were never saved are null, and those that were changed behind our back are refused', async () => {
    const id = await start();
    expect(await setup.engine.getTaskArtifacts(id, 'plan')).toBeNull();
    await setup.engine.saveTaskArtifacts(id, 'plan', { prompt: 'genuine' });
    const file = join(
      setup.config.artifact_store.root,
      'default',
      'instances',
      id,
      'tasks',
      'plan.prompt.md',
    );
    expect(readFileSync(file, 'utf8')).toBe('genuine');
    writeFileSync(file, 'forged');
    await expectChatFlowError('ArtifactCorruptError', setup.engine.getTaskArtifacts(id, 'plan'));
  });

  /** The record that was saved for the phase `plan`. */
  const recordOf = (id: string): string =>
    join(setup.config.artifact_store.root, 'default', 'instances', id, 'tasks', 'plan.json');

  test('a record with a new digest is refused all the same: the instance knows the one that was saved', async () => {
    const id = await start();
    await setup.engine.saveTaskArtifacts(id, 'plan', { prompt: 'p', record: { verdict: 'bad' } });
    const text = readFileSync(recordOf(id), 'utf8').replace('bad', 'good');
    writeFileSync(recordOf(id), text);
    await expectChatFlowError('ArtifactCorruptError', setup.engine.getTaskArtifacts(id, 'plan'));
    const body = text.replace(/,\n {2}"record_checksum.*\n\}\n$/, '\n}\n');
    const forged = body.replace(/\n\}\n$/, `,\n  "record_checksum": "${sha256(body)}"\n}\n`);
    writeFileSync(recordOf(id), forged);
    await expectChatFlowError('ArtifactCorruptError', setup.engine.getTaskArtifacts(id, 'plan'));
    await setup.engine.terminateWorkflowTree(id);
    await expectChatFlowError('ArtifactCorruptError', setup.engine.getTaskArtifacts(id, 'plan'));
  });

  test('are read with no worker, and what was saved meanwhile as well', async () => {
    const id = await start();
    await setup.engine.saveTaskArtifacts(id, 'plan', { prompt: 'one' });
    await setup.stopWorker();
    try {
      expect(await setup.engine.getTaskArtifacts(id, 'plan')).toMatchObject({ prompt: 'one' });
    } finally {
      await setup.startWorker();
    }
    await Promise.all(
      ['two', 'three'].map((prompt) => setup.engine.saveTaskArtifacts(id, 'plan', { prompt })),
    );
    const { prompt } = (await setup.engine.getTaskArtifacts(id, 'plan')) ?? {};
    expect(['two', 'three']).toContain(prompt);
  });

  test('of a phase or a task that the definition does not have are refused, with the nearest name', async () => {
    const id = await start();
    for (const [phase, message] of [
      ['plann', /no phase "plann". Did you mean "plan"/],
      ['__proto__', /no phase "__proto__". It has plan/],
      ['plan#1/other', /no task "other"/],
      ['plan#1/plan[0]', /no foreach/],
      [null, /task cannot be null/],
      [5, /task cannot be 5/],
      [{}, /task cannot be a map/],
    ] as const) {
      const save = setup.engine.saveTaskArtifacts(id, phase as string, { prompt: 'x' });
      const error = await expectChatFlowError('InvalidInputError', save);
      expect(error.message).toMatch(message);
    }
    expect(await setup.engine.listArtifacts(id)).toEqual([]);
  });

  test('that are none are refused before anything is asked', async () => {
    const lonely = await setup.open({ address: '127.0.0.1:9', namespace: 'default' });
    for (const given of [null, undefined, [], { promt: 'x' }, { record: { a: 1n } }]) {
      const save = lonely.saveTaskArtifacts('wfi_000000000000', 'plan', given as object);
      await expectChatFlowError('InvalidInputError', save);
    }
  });

  test('of a closed instance are kept in the store alone', async () => {
    const id = await start();
    await setup.engine.terminateWorkflowTree(id);
    const refs = await setup.engine.saveTaskArtifacts(id, 'plan#1', { ai_response: 'too late' });
    expect(refs.length).toBeGreaterThan(0);
    expect(await setup.engine.getTaskArtifacts(id, 'plan')).toMatchObject({ ai_response: 'too late' });
    expect(await setup.engine.listArtifacts(id)).toEqual(expect.arrayContaining([...refs]));
  });

  test.each([['../plan'], ['plan/../../x'], [''], ['plan#0'], ['a b']])(
    'cannot leave their folder by the phase %j',
    async (phase) => {
      const id = await start();
      await expectChatFlowError(
        'InvalidInputError',
        setup.engine.saveTaskArtifacts(id, phase, { prompt: 'x' }),
      );
    },
  );

  test('references that are none are refused', async () => {
    const id = await start();
    await expectChatFlowError(
      'InvalidInputError',
      setup.engine.recordArtifacts(id, [{ name: 'x' } as unknown as ArtifactRef]),
    );
  });
});
