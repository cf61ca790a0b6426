import { Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { StartRequest, WorkflowStatusInfo } from '../../src/client/index.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { getTestServer } from '../support/temporal-server.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const twoSteps = `
name: two-steps
version: "1.0"
phases:
  - name: first
    task: Do the first thing
  - name: second
    task: Do the second thing
    next:
      - { when: 'trigger.?again.orValue(false)', goto: first }
`;

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

async function start(request: Partial<StartRequest> = {}): Promise<string> {
  const { instance_id } = await setup.engine.startWorkflowInstance({ schema: twoSteps, ...request });
  return instance_id ?? '';
}

async function fail(id: string): Promise<void> {
  const error = { type: 'BuildError', message: 'it does not compile' };
  await setup.engine.triggerNextStep(id, { outcome: 'failed', error });
  await expectChatFlowError('WorkflowFailedError', setup.engine.getResult(id));
}

describe('an instance that was terminated', () => {
  test('says so, with the reason as the last event of its history', async () => {
    const id = await start();
    await setup.engine.triggerNextStep(id, { trigger_data: { x: 1 } });
    await setup.engine.terminateWorkflowTree(id, 'runaway');
    const state = await setup.engine.getWorkflowState(id);
    expect(state).toMatchObject({ status: 'terminated', waiting_for: null, current_phase: 'second' });
    expect(state.closed_at).not.toBeNull();
    expect(state.tasks.every((task) => task.status !== 'open')).toBe(true);
    const history = await setup.engine.getHistory(id);
    expect(history.at(-1)).toMatchObject({ event_type: 'workflow_terminated', data: { reason: 'runaway' } });
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_event, index) => index + 1));
    const before = history.at(-2)?.seq ?? 0;
    expect(await setup.engine.getHistory(id, { after: before })).toEqual([history.at(-1)]);
    expect(await setup.engine.getHistory(id, { after: before + 1 })).toEqual([]);
    expect(await setup.engine.getWorkflowTreeStatus(id)).toMatchObject({
      status: 'terminated',
      total_nodes: 1,
      terminated_nodes: 1,
      running_nodes: 0,
    });
    expect((await setup.engine.monitorWorkflowTree(id)).root.status).toBe('terminated');
    const error = await expectChatFlowError('WorkflowFailedError', setup.engine.getResult(id));
    expect(error.details).toMatchObject({ status: 'terminated', reason: 'runaway' });
  });

  test('takes nothing more', async () => {
    const id = await start();
    await setup.engine.terminateWorkflowTree(id);
    for (const call of [
      () => setup.engine.triggerNextStep(id),
      () => setup.engine.pause(id),
      () => setup.engine.terminateWorkflowTree(id),
      () => setup.engine.cancelWorkflowTree(id),
    ]) {
      await expectChatFlowError('WorkflowClosedError', call);
    }
    await expectChatFlowError('InvalidInputError', setup.engine.retry(id));
  });
});

describe('an instance that was ended before any worker saw it', () => {
  test('is told from its start', async () => {
    await setup.stopWorker();
    const id = await start({ initial_context: { x: 1 } });
    await setup.engine.terminateWorkflowTree(id, 'at once');
    await setup.startWorker();
    expect(await setup.engine.getWorkflowState(id)).toMatchObject({
      status: 'terminated',
      workflow_name: 'two-steps',
      variables: { x: 1 },
    });
    expect(await setup.engine.getHistory(id)).toMatchObject([
      { seq: 1, event_type: 'workflow_terminated', data: { reason: 'at once' } },
    ]);
  });
});

describe('an instance that was cancelled', () => {
  test('ends gracefully and keeps the reason', async () => {
    const id = await start();
    await setup.engine.cancelWorkflowTree(id, 'not needed any more');
    const error = await expectChatFlowError('WorkflowFailedError', setup.engine.getResult(id));
    expect(error.details['status']).toBe('cancelled');
    expect(await setup.engine.getWorkflowStatusInfo(id)).toMatchObject({ status: 'cancelled' });
    const history = await setup.engine.getHistory(id);
    expect(history.filter((event) => event.event_type === 'workflow_cancelled')).toHaveLength(1);
    expect(JSON.stringify(history)).toContain('not needed any more');
  });
});

describe('a failed instance', () => {
  test('says where and why, and goes on from there under its own id', async () => {
    const id = await start();
    await setup.engine.triggerNextStep(id, { trigger_data: { done: 'first' } });
    await fail(id);
    const failed = await setup.engine.getWorkflowState(id);
    expect(failed).toMatchObject({
      status: 'failed',
      failure: { type: 'BuildError', message: 'it does not compile', phase: 'second' },
    });
    const answers = await Promise.all([
      setup.engine.retry(id, { guidance: 'Mind the types' }),
      setup.engine.retry(id, { guidance: 'Mind the types' }),
    ]);
    for (const info of answers) expect(info).toMatchObject({ instance_id: id, current_phase: 'second' });
    expect((await setup.engine.retry(id)).current_phase).toBe('second');
    await setup.engine.triggerNextStep(id);
    expect(await setup.engine.getResult(id)).toMatchObject({ done: 'first' });
    const history = await setup.engine.getHistory(id);
    expect(history.filter((event) => event.event_type === 'workflow_retried')).toHaveLength(1);
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_event, index) => index + 1));
    expect(await setup.engine.getWorkflowState(id)).toMatchObject({
      status: 'completed',
      created_at: failed.created_at,
    });
  });

  test('shows as what it is now in lists, not as what it was', async () => {
    const id = await start({ feature_id: 'retried' });
    await fail(id);
    await setup.engine.retry(id);
    await expect
      .poll(() => setup.engine.getFeatureStatus('retried'), { timeout: 10_000 })
      .toMatchObject({ total_instances: 1, failed_count: 0, completed_count: 0 });
    expect(await setup.engine.listInstances({ feature_id: 'retried', status: 'failed' })).toEqual([]);
  });

  test('is the only one that can be retried', async () => {
    const open = await start();
    await expectChatFlowError('InvalidInputError', setup.engine.retry(open));
    await setup.engine.triggerNextStep(open);
    await setup.engine.triggerNextStep(open);
    await setup.engine.getResult(open);
    await expectChatFlowError('InvalidInputError', setup.engine.retry(open));
  });
});

describe('with no worker', () => {
  afterEach(async () => {
    await setup.startWorker();
  });

  test('what has closed is still told, and what is open can be terminated', async () => {
    const [completed, open] = [await start(), await start()];
    await setup.engine.triggerBatch(completed, [{}, {}]);
    await setup.engine.getResult(completed);
    await setup.engine.getWorkflowStatusInfo(open);
    await setup.stopWorker();
    expect(await setup.engine.getWorkflowState(completed)).toMatchObject({ status: 'completed' });
    expect((await setup.engine.getHistory(completed)).at(-1)?.event_type).toBe('workflow_completed');
    expect((await setup.engine.listArtifacts(completed)).map((ref) => ref.kind)).toContain('record');
    await setup.engine.terminateWorkflowTree(open, 'nobody home');
    const hasty = await setup.open({ deadline_ms: 1500 });
    await expectChatFlowError('WorkerUnavailableError', hasty.getWorkflowState(open));
  });
});

describe('when Temporal has forgotten an instance', () => {
  /** The same artifact store, and a Temporal that knows none of its instances. */
  let later: TestEngine;

  beforeAll(async () => {
    later = await startEngine(setup.config);
  });

  afterAll(async () => {
    await later?.stop();
  });

  test('its closing snapshot answers', async () => {
    const id = await start({ initial_context: { from: 'snapshot' } });
    await setup.engine.triggerBatch(id, [{}, {}]);
    await setup.engine.getResult(id);
    const { engine } = later;
    expect(await engine.getWorkflowState(id)).toEqual(await setup.engine.getWorkflowState(id));
    expect(await engine.getHistory(id)).toEqual(await setup.engine.getHistory(id));
    expect(await engine.getResult(id)).toEqual({ from: 'snapshot' });
    expect((await engine.getWorkflowTreeStatus(id)).status).toBe('completed');
    expect(await engine.getWorkflowInstanceStatus(id)).toMatchObject({ status: 'completed' });
    await expectChatFlowError('WorkflowClosedError', engine.triggerNextStep(id));
    await engine.saveTaskArtifacts(id, 'first', { prompt: 'late' });
    expect(await engine.getTaskArtifacts(id, 'first')).toMatchObject({ prompt: 'late' });
  });

  test('one that failed can still be retried', async () => {
    const id = await start({ initial_context: { kept: true } });
    await fail(id);
    const { engine } = later;
    await expectChatFlowError('WorkflowFailedError', engine.getResult(id));
    expect(await engine.retry(id)).toMatchObject({ instance_id: id, current_phase: 'first' });
    await engine.triggerBatch(id, [{}, {}]);
    expect(await engine.getResult(id)).toEqual({ kept: true });
  });
});

describe('a watch', () => {
  test('tells every stop on the way, and ends with the instance', async () => {
    const id = await start();
    const seen: WorkflowStatusInfo[] = [];
    for await (const info of setup.engine.watch(id)) {
      seen.push(info);
      if (info.status === 'completed') continue;
      await setup.engine.triggerNextStep(id, { expected_phase: info.current_phase ?? '' });
    }
    expect(seen.map((info) => [info.current_phase, info.status])).toEqual([
      ['first', 'created'],
      ['second', 'running'],
      ['second', 'completed'],
    ]);
  });

  test('is silent while nothing changes, however often it asks', async () => {
    const id = await start();
    const connection = await Connection.connect({ address: getTestServer().address });
    onTestFinished(() => connection.close());
    let asked = 0;
    const service = connection.workflowService;
    const query = service.queryWorkflow.bind(service) as (request: object) => Promise<unknown>;
    Object.defineProperty(service, 'queryWorkflow', {
      value: (request: object) => {
        asked++;
        return query(request);
      },
    });
    const watching = (await setup.open({ connection })).watch(id);
    const seen: string[] = [];
    const followed = (async () => {
      for await (const info of watching) seen.push(info.status);
    })();
    await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
    expect(seen).toEqual(['created']);
    await setup.engine.terminateWorkflowTree(id);
    await followed;
    expect(seen).toEqual(['created', 'terminated']);
  });

  test('ends when it is told to', async () => {
    const id = await start();
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const info of setup.engine.watch(id, { signal: controller.signal })) {
      seen.push(info.status);
      controller.abort();
    }
    expect(seen).toEqual(['created']);
  });
});

describe('a long history', () => {
  test('is whole and in order across runs, though the older part lies in the store', async () => {
    const id = await start();
    const before = (await setup.temporal.workflow.getHandle(id).describe()).runId;
    for (let step = 0; step < 220; step++) {
      await setup.engine.triggerNextStep(id, {
        trigger_id: `step-${step}`,
        trigger_data: step % 2 === 1 ? { again: true } : {},
      });
    }
    await expect
      .poll(
        () =>
          setup.temporal.workflow
            .getHandle(id)
            .describe()
            .then(({ runId }) => runId),
        { timeout: 20_000 },
      )
      .not.toBe(before);
    const page = await setup.temporal.workflow
      .getHandle(id)
      .query<{ segments: readonly unknown[] }>('get_history');
    expect(page.segments.length).toBeGreaterThan(0);
    const history = await setup.engine.getHistory(id);
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_event, index) => index + 1));
    expect(history.filter((event) => event.event_type === 'trigger_applied')).toHaveLength(220);
    const late = await setup.engine.getHistory(id, { after: 300 });
    expect(late).toEqual(history.slice(300));
    const again = await setup.engine.triggerNextStep(id, { trigger_id: 'step-0', trigger_data: {} });
    expect(again.duplicate).toBe(true);
    await setup.engine.terminateWorkflowTree(id, 'long enough');
    const ended = await setup.engine.getHistory(id);
    expect(ended.slice(0, history.length)).toEqual(history);
    expect(ended.at(-1)?.event_type).toBe('workflow_terminated');
  });
});
