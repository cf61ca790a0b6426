import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TriggerRequest } from '../../src/client/index.js';
import { createTestNamespace, getTestServer } from '../support/temporal-server.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const hello = `
name: hello
version: "1.0"
input:
  type: object
  required: [guest]
  properties: { guest: { type: string } }
phases:
  - name: greet
    task: "Greet \${variables.guest}"
  - name: part
    task: Say goodbye
`;
const initial_context = { guest: 'Ada' };

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

async function startHello(): Promise<string> {
  const { instance_id } = await setup.engine.startWorkflowInstance({ schema: hello, initial_context });
  return instance_id ?? '';
}

describe('a start', () => {
  test('of a bad definition is refused with every problem, its line, column and frame', async () => {
    const schema = `
name: broken
version: "1.0"
phases:
  - name: a
    taks: Write
  - name: a
    next: nowhere
`;
    const error = await expectChatFlowError(
      'SchemaValidationError',
      setup.engine.startWorkflowInstance({ schema, schema_file: 'broken.yaml' }),
    );
    const problems = error.details['problems'] as unknown as {
      line: number;
      column: number;
      frame: string;
      file: string;
    }[];
    expect(problems.length).toBeGreaterThanOrEqual(3);
    for (const problem of problems) {
      expect(problem.line).toBeGreaterThan(1);
      expect(problem.column).toBeGreaterThan(0);
      expect(problem.frame).not.toBe('');
      expect(problem.file).toBe('broken.yaml');
    }
  });

  test.each([
    [
      'a context that does not fit',
      { schema: hello, initial_context: { guest: 7 } },
      'SchemaValidationError',
    ],
    ['neither schema nor schema_id', {}, 'InvalidInputError'],
    ['both', { schema: hello, schema_id: 'hello' }, 'InvalidInputError'],
    ['an unknown name', { schema_id: 'nothing-of-that-name' }, 'SchemaNotFoundError'],
    ['a level of 101', { schema: hello, initial_context, automation_level: 101 }, 'InvalidInputError'],
    [
      'a quota of 0',
      { schema: hello, initial_context, resource_quota: { max_tokens: 0 } },
      'InvalidInputError',
    ],
    ['an unknown key', { schema: hello, initial_context, feature: 'F' }, 'InvalidInputError'],
    [
      'a feature id of 300 characters',
      { schema: hello, initial_context, feature_id: 'f'.repeat(300) },
      'InvalidInputError',
    ],
    [
      'a context of 2 MB',
      { schema: hello, initial_context: { guest: 'x'.repeat(2e6) } },
      'PayloadTooLargeError',
    ],
    ['NaN in the context', { schema: hello, initial_context: { guest: NaN } }, 'InvalidInputError'],
  ] as const)('with %s is refused', async (_name, request, type) => {
    await expectChatFlowError(type, setup.engine.startWorkflowInstance(request));
  });

  test('by another client that is refused tells why, whoever asks for it', async () => {
    const { temporal, engine } = setup;
    const handle = await temporal.workflow.start('chatflow', {
      taskQueue: 'chatflow',
      workflowId: 'wfi_badbadbadbad',
      args: [{ feature_id: 'F', schema: { name: 'broken', version: '1.0', phases: 'none' } }],
    });
    await expect(handle.result()).rejects.toThrow();
    const error = await expectChatFlowError(
      'SchemaValidationError',
      engine.getWorkflowState('wfi_badbadbadbad'),
    );
    expect(error.details['problems']).toMatchObject([{ path: 'phases' }]);
    await expectChatFlowError('SchemaValidationError', engine.getResult('wfi_badbadbadbad'));
  });

  test('in a namespace without search attributes names the command that registers them', async () => {
    const bare = await setup.open({ namespace: await createTestNamespace({ searchAttributes: false }) });
    const error = await expectChatFlowError(
      'SearchAttributesMissingError',
      bare.startWorkflowInstance({ schema: hello, initial_context }),
    );
    expect(error.message).toContain('chatflow init');
  });
});

describe('a trigger', () => {
  test.each([
    ['NaN', { trigger_data: { x: NaN } }, 'InvalidInputError'],
    ['3 MB', { trigger_data: { x: 'x'.repeat(3 * 1024 * 1024) } }, 'PayloadTooLargeError'],
    ['an unknown key', { triggerdata: {} }, 'InvalidInputError'],
    ['data that is no object', { trigger_data: 'approve' }, 'InvalidInputError'],
    ['another phase', { expected_phase: 'part' }, 'PhaseMismatchError'],
    ['an unknown task', { task: 'nothing' }, 'TaskNotFoundError'],
  ] as const)(
    'with %s is refused and leaves no event in Temporal’s history',
    async (_name, request, type) => {
      const id = await startHello();
      await setup.engine.getWorkflowStatusInfo(id);
      const before = (await setup.temporal.workflow.getHandle(id).describe()).historyLength;
      await expectChatFlowError(type, setup.engine.triggerNextStep(id, request as TriggerRequest));
      const after = (await setup.temporal.workflow.getHandle(id).describe()).historyLength;
      expect(after).toBe(before);
      expect((await setup.engine.getWorkflowStatusInfo(id)).current_phase).toBe('greet');
    },
  );

  test('of 50 at once for one phase, one is applied and each of the others is told why not', async () => {
    const id = await startHello();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        setup.engine
          .triggerNextStep(id, { expected_phase: 'greet#1', trigger_data: { index } })
          .then((result) => (result.applied ? 'applied' : 'not applied'))
          .catch((error: { type: string }) => error.type),
      ),
    );
    expect(answers.filter((answer) => answer === 'applied')).toHaveLength(1);
    expect(new Set(answers)).toEqual(new Set(['applied', 'PhaseMismatchError']));
  });

  test('with an id of its own that was applied before changes nothing', async () => {
    const id = await startHello();
    const request = { trigger_id: 'greet#1/greet/1', trigger_data: { said: 'hello' } };
    const first = await setup.engine.triggerNextStep(id, request);
    const again = await setup.engine.triggerNextStep(id, request);
    expect(again).toMatchObject({ ...first, duplicate: true });
    await expectChatFlowError(
      'InvalidInputError',
      setup.engine.triggerNextStep(id, { ...request, trigger_data: { said: 'other' } }),
    );
  });

  test('of a batch is applied or refused by itself', async () => {
    const id = await startHello();
    const results = await setup.engine.triggerBatch(id, [
      { expected_phase: 'greet' },
      { expected_phase: 'greet' },
      { expected_phase: 'part' },
    ]);
    expect(results.map((result) => result.applied)).toEqual([true, false, true]);
    expect(results[1]?.error?.type).toBe('PhaseMismatchError');
    await expectChatFlowError('InvalidInputError', setup.engine.triggerBatch(id, []));
  });
});

describe('an unknown id', () => {
  test('is InstanceNotFoundError for every method, and null for getWorkflowInstanceStatus', async () => {
    const { engine } = setup;
    const id = 'wfi_000000000000';
    expect(await engine.getWorkflowInstanceStatus(id)).toBeNull();
    for (const call of [
      () => engine.triggerNextStep(id),
      () => engine.previewNextStep(id),
      () => engine.getWorkflowState(id),
      () => engine.getHistory(id),
      () => engine.getResult(id),
      () => engine.pause(id),
      () => engine.retry(id),
      () => engine.terminateWorkflowTree(id),
      () => engine.cancelWorkflowTree(id),
      () => engine.saveTaskArtifacts(id, 'greet', { prompt: 'x' }),
      () => engine.getTaskArtifacts(id, 'greet'),
      () => engine.listTasks(id),
    ]) {
      const error = await expectChatFlowError('InstanceNotFoundError', call);
      expect(error.message).toContain(id);
    }
  });

  test('of a workflow that is not ChatFlow’s is unknown', async () => {
    const { temporal, engine } = setup;
    await temporal.workflow.start('other', { taskQueue: 'other', workflowId: 'foreign-1' });
    expect(await engine.getWorkflowInstanceStatus('foreign-1')).toBeNull();
    await temporal.workflow.getHandle('foreign-1').terminate();
  });
});

describe('a subworkflow', () => {
  test('of an unknown definition is refused before it is asked for', async () => {
    const id = await startHello();
    await expectChatFlowError(
      'SchemaNotFoundError',
      setup.engine.createSubworkflow(id, { schema_id: 'child' }),
    );
    expect((await setup.engine.getWorkflowStatusInfo(id)).child_count).toBe(0);
  });
});

describe('nobody there', () => {
  test('no server: TemporalUnavailableError names the address and the way out, soon', async () => {
    const lonely = await setup.open({ address: '127.0.0.1:9', namespace: 'default' });
    const startedAt = Date.now();
    for (const call of [
      () => lonely.startWorkflowInstance({ schema: hello, initial_context }),
      () => lonely.triggerNextStep('wfi_000000000000'),
      () => lonely.getWorkflowState('wfi_000000000000'),
      () => lonely.listInstances(),
    ]) {
      const error = await expectChatFlowError('TemporalUnavailableError', call);
      expect(error.message).toContain('127.0.0.1:9');
      expect(error.message).toContain('chatflow up');
    }
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });

  test('no such namespace: the message names it', async () => {
    const lost = await setup.open({ namespace: 'no-such-namespace' });
    const error = await expectChatFlowError(
      'TemporalUnavailableError',
      lost.getWorkflowState('wfi_000000000000'),
    );
    expect(error.message).toContain('no-such-namespace');
  });

  test('no worker: WorkerUnavailableError after the deadline names the task queue', async () => {
    const namespace = await createTestNamespace();
    const { address } = getTestServer();
    const idle = await setup.open({ address, namespace, deadline_ms: 1500 });
    const { instance_id: id } = await idle.startWorkflowInstance({ schema: hello, initial_context });
    for (const call of [() => idle.triggerNextStep(id ?? ''), () => idle.getWorkflowStatusInfo(id ?? '')]) {
      const error = await expectChatFlowError('WorkerUnavailableError', call);
      expect(error.message).toContain('"chatflow"');
      expect(error.message).toContain('chatflow worker');
    }
  });
});
