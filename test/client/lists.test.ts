import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '@temporalio/client';
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import type { ClientContext } from '../../src/client/client-context.js';
import type { InstanceFilter } from '../../src/client/index.js';
import { listRuns } from '../../src/client/list-runs.js';
import { runsQuery } from '../../src/client/visibility-query.js';
import { createTestNamespace } from '../support/temporal-server.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const definition = (name: string): string => `
name: ${name}
version: "1.0"
phases:
  - name: write
    task: Write
  - name: gate
    approval: Good?
`;

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

async function start(feature_id: string, name = 'essay'): Promise<string> {
  const { instance_id } = await setup.engine.startWorkflowInstance({ schema: definition(name), feature_id });
  return instance_id ?? '';
}

/** Lists are of Temporal's index, which may lag by a second. */
async function eventually<T>(read: () => Promise<T>, expected: unknown): Promise<void> {
  await expect.poll(read, { timeout: 15_000, interval: 100 }).toEqual(expected);
}

async function idsOf(filter: InstanceFilter): Promise<string[]> {
  return (await setup.engine.listInstances(filter)).map((instance) => instance.instance_id);
}

describe('lists', () => {
  test('a new instance is in the index with all that its first task would set', async () => {
    const id = await start('F-index');
    await setup.engine.getWorkflowStatusInfo(id);
    await eventually(
      () => setup.engine.listInstances({ feature_id: 'F-index' }),
      [
        expect.objectContaining({
          instance_id: id,
          tenant_id: 'default',
          workflow_name: 'essay',
          schema_version: '1.0',
          status: 'created',
          current_phase: 'write',
          waiting_for: ['agent', 'agent:write'],
          depth: 0,
          closed_at: null,
        }),
      ],
    );
    const { events } = await setup.temporal.workflow.getHandle(id).fetchHistory();
    const upserts = (events ?? []).filter((event) => event.upsertWorkflowSearchAttributesEventAttributes);
    expect(upserts).toHaveLength(0);
  });

  test('filters meet what the instances are now', async () => {
    const [first, second] = [await start('F-filter'), await start('F-filter', 'poem')];
    await setup.engine.triggerNextStep(first);
    const feature_id = 'F-filter';
    await eventually(() => idsOf({ feature_id, phase: 'gate' }), [first]);
    await eventually(() => idsOf({ feature_id, waiting_for: 'approval' }), [first]);
    await eventually(() => idsOf({ feature_id, waiting_for: 'agent:write' }), [second]);
    await eventually(() => idsOf({ feature_id, schema: 'poem' }), [second]);
    await eventually(() => idsOf({ feature_id, schema: 'poem@1.0' }), [second]);
    await eventually(() => idsOf({ feature_id, schema: 'poe' }), []);
    await eventually(() => idsOf({ feature_id, status: 'created' }), [second]);
    await eventually(() => idsOf({ feature_id, limit: 1 }).then((ids) => ids.length), 1);
    await setup.engine.pause(second, { reason: 'later' });
    await eventually(() => idsOf({ feature_id, status: 'paused' }), [second]);
    await setup.engine.terminateWorkflowTree(second, 'enough');
    await eventually(() => idsOf({ feature_id, status: 'terminated' }), [second]);
    await eventually(() => idsOf({ feature_id, status: 'paused' }), []);
  });

  test('waiting tasks of all instances come by the time they opened', async () => {
    const [first, second] = [await start('F-tasks'), await start('F-tasks')];
    // Until it has answered, its first task may open later than what follows here.
    await setup.engine.getWorkflowStatusInfo(second);
    await setup.engine.triggerNextStep(first);
    const read = async (waiting_for?: 'agent' | 'approval'): Promise<string[]> => {
      const tasks = await setup.engine.listTasks({
        feature_id: 'F-tasks',
        ...(waiting_for !== undefined && { waiting_for }),
      });
      return tasks.map(({ instance_id, task }) => `${instance_id} ${task.task_id}`);
    };
    await eventually(() => read(), [`${second} write#1/write`, `${first} gate#1/gate`]);
    await eventually(() => read('approval'), [`${first} gate#1/gate`]);
    await eventually(() => read('agent'), [`${second} write#1/write`]);
  });

  test('of waiting tasks the one that opened first comes first, whichever instance is newer', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const id = await start('F-order');
      ids.push(id);
      // Until it has answered, its first task may open later than those of the ones to come.
      await setup.engine.getWorkflowStatusInfo(id);
    }
    const [first = '', second = '', third = ''] = ids;
    const read = async (): Promise<string[]> =>
      (await setup.engine.listTasks({ feature_id: 'F-order' })).map(({ instance_id }) => instance_id);
    await eventually(read, [first, second, third]);
    await setup.engine.triggerNextStep(first);
    await eventually(read, [second, third, first]);
  });

  test('what failed and was retried is no longer among the failed, though its failed run is', async () => {
    const id = await start('F-again');
    const error = { type: 'NoIdeaError', message: 'none' };
    await setup.engine.triggerNextStep(id, { outcome: 'failed', error });
    await expectChatFlowError('WorkflowFailedError', setup.engine.getResult(id));
    await setup.engine.retry(id);
    const countRuns = async (status: string): Promise<number> => {
      const query = `ChatflowFeature = 'F-again' AND ExecutionStatus = '${status}'`;
      return (await setup.temporal.workflow.count(query)).count;
    };
    await eventually(() => Promise.all([countRuns('Failed'), countRuns('Running')]), [1, 1]);
    expect(await idsOf({ feature_id: 'F-again', status: 'failed' })).toEqual([]);
    await eventually(() => idsOf({ feature_id: 'F-again', status: 'running' }), [id]);
  });

  test('a feature counts its instances by status', async () => {
    const [first, second, third] = [
      await start('F-count'),
      await start('F-count'),
      await start('F-count', 'poem'),
    ];
    await setup.engine.triggerNextStep(first);
    await setup.engine.triggerNextStep(first, { task: 'gate#1/gate', trigger_data: { decision: 'approve' } });
    await setup.engine.terminateWorkflowTree(second);
    await eventually(
      () => setup.engine.getFeatureStatus('F-count'),
      expect.objectContaining({
        total_instances: 3,
        completed_count: 1,
        terminated_count: 1,
        created_count: 1,
        latest_instance_id: third,
        status: 'in_progress',
      }),
    );
    await eventually(
      () => setup.engine.getFeatureStatus('F-count', 'essay'),
      expect.objectContaining({ total_instances: 2, status: 'completed', latest_instance_id: second }),
    );
    expect(await setup.engine.listInstancesByFeature('F-count')).toEqual([third, second, first]);
    expect(await setup.engine.getFeatureStatus('F-nothing')).toMatchObject({ total_instances: 0 });
  });

  test.each([
    ["it's"],
    ["x' OR ChatflowFeature != 'x"],
    ['back\\slash'],
    ["\\' OR WorkflowType = 'chatflow"],
    ['"double" and `back` ticks'],
    ['line\nbreak and \ttab'],
    ['100% _under_ *'],
    ['Grüße 你好 🚀'],
    ["''"],
  ])('the feature %j finds its own instance and no other', async (feature) => {
    const id = await start(feature);
    await eventually(() => setup.engine.listInstancesByFeature(feature), [id]);
  });

  test('a tenant cannot be widened by a quote', async () => {
    const bound = await setup.open({ tenant: "none' OR ChatflowTenant != 'x" });
    expect(await bound.listInstances()).toEqual([]);
  });

  test('a limit below 0 is refused', async () => {
    await expectChatFlowError('InvalidInputError', setup.engine.listInstances({ limit: -1 }));
  });
});

describe('more runs than one page holds', () => {
  test('are all listed', async () => {
    const namespace = await createTestNamespace();
    const feature = defineSearchAttributeKey('ChatflowFeature', SearchAttributeType.KEYWORD);
    const client = new Client({ connection: setup.temporal.connection, namespace });
    await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        client.workflow.start('chatflow', {
          taskQueue: 'nobody',
          workflowId: `many-${index}`,
          typedSearchAttributes: [{ key: feature, value: 'many' }],
        }),
      ),
    );
    const context = { client, address: 'here', namespace } as ClientContext;
    const listIds = async (): Promise<number> => {
      const ids = new Set<string>();
      const runs = listRuns(context, runsQuery({ feature_id: 'many' }, null), 10);
      for await (const { instance } of runs) ids.add(instance.instance_id);
      return ids.size;
    };
    await eventually(listIds, 25);
    const engine = await setup.open({ namespace });
    expect(await engine.getFeatureStatus('many')).toMatchObject({ total_instances: 25, created_count: 25 });
    expect(await engine.listInstances({ feature_id: 'many', limit: 7 })).toHaveLength(7);
  });
});

describe('tenants', () => {
  test('a client that is bound to one starts in it, sees it, and no other', async () => {
    const [acme, globex] = [await setup.open({ tenant: 'acme' }), await setup.open({ tenant: 'globex' })];
    const schema = definition('secret');
    const started = await acme.startWorkflowInstance({ schema, feature_id: 'F-tenants' });
    const id = started.instance_id ?? '';
    expect((await acme.getWorkflowState(id)).tenant_id).toBe('acme');
    await acme.saveTaskArtifacts(id, 'write', { prompt: 'secret' });
    for (const call of [
      () => globex.getWorkflowState(id),
      () => globex.getWorkflowStatusInfo(id),
      () => globex.getHistory(id),
      () => globex.getResult(id),
      () => globex.triggerNextStep(id),
      () => globex.previewNextStep(id),
      () => globex.pause(id),
      () => globex.retry(id),
      () => globex.terminateWorkflowTree(id),
      () => globex.cancelWorkflowTree(id),
      () => globex.getTaskArtifacts(id, 'write'),
      () => globex.saveTaskArtifacts(id, 'write', { prompt: 'overwritten' }),
      () => globex.listTasks(id),
      () => globex.startWorkflowInstance({ schema, tenant_id: 'acme' }),
      () => globex.listInstances({ tenant_id: 'acme' }),
    ]) {
      const error = await expectChatFlowError('TenantAccessDeniedError', call);
      expect(error.message).not.toContain('acme');
    }
    await eventually(() => acme.listInstancesByFeature('F-tenants'), [id]);
    expect(await globex.listInstancesByFeature('F-tenants')).toEqual([]);
    expect(await globex.listTasks()).toEqual([]);
    expect(await acme.getTaskArtifacts(id, 'write')).toMatchObject({ prompt: 'secret' });
    await acme.triggerNextStep(id);
    expect(await setup.engine.getWorkflowStatusInfo(id)).toMatchObject({ current_phase: 'gate' });
  });

  test('an instance that another client started belongs to the tenant that it says', async () => {
    const bound = await setup.open({ tenant: 'default' });
    await setup.temporal.workflow.start('chatflow', {
      taskQueue: 'chatflow',
      workflowId: 'wfi_foreignclient',
      args: [
        {
          feature_id: 'F-foreign',
          tenant_id: 'acme',
          schema: { name: 'essay', version: '1.0', phases: [{ name: 'write', task: 'Write' }] },
        },
      ],
    });
    await expectChatFlowError('TenantAccessDeniedError', bound.getWorkflowState('wfi_foreignclient'));
    expect(await setup.engine.getWorkflowState('wfi_foreignclient')).toMatchObject({ tenant_id: 'acme' });
    await eventually(() => setup.engine.listInstancesByFeature('F-foreign'), ['wfi_foreignclient']);
  });
});
