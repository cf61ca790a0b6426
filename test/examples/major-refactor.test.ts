/** The seeds' v2.0 in TypeScript, call by call, on the two examples that stand for it. */
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/platform/config.js';
import { startEngine, type TestEngine } from '../client/start-engine.js';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const MAJOR_REFACTOR = await readFile(join(EXAMPLES, 'major-refactor.yaml'), 'utf8');

let folder: string;
let setup: TestEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatflow-test-trees-'));
  setup = await startEngine(
    loadConfig({ cwd: folder, env: { CHATFLOW_DEFINITIONS: JSON.stringify([EXAMPLES]) } }),
  );
});

afterAll(async () => {
  await setup?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(tables: readonly string[]): Promise<string> {
  const { engine } = setup;
  const result = await engine.startWorkflowInstance({
    schema: MAJOR_REFACTOR,
    initial_context: { goal: 'Split the users service', tables: [...tables] },
    feature_id: 'feat_refactor_v2',
  });
  return result.instance_id ?? '';
}

/** Its direct children, once there are so many that run. */
async function childrenOf(id: string, count: number): Promise<readonly string[]> {
  const { engine } = setup;
  await expect
    .poll(async () => (await engine.getWorkflowState(id)).children.length, { timeout: 20_000 })
    .toBe(count);
  return (await engine.getWorkflowState(id)).children;
}

async function migrate(id: string): Promise<void> {
  const { engine } = setup;
  await engine.triggerNextStep(id, {
    trigger_data: { sql: 'ALTER …' },
    usage: { tokens: 900, cost_usd: 0.02 },
  });
  await engine.triggerNextStep(id, { trigger_data: { works: true } });
  await engine.triggerNextStep(id);
}

describe('the seeds, v2.0', () => {
  test('a task is decomposed, watched as a tree, and brought to its end', async () => {
    const { engine } = setup;
    const startedAt = Date.now();
    const main = await start(['orders', 'invoices']);
    await engine.triggerNextStep(main, { trigger_data: { migration_plan: 'Table by table' } });
    const planned = await childrenOf(main, 2);

    // 3. Create a subworkflow
    const { instance_id: sub } = await engine.createSubworkflow(main, {
      schema_id: 'database-migration',
      context: { table: 'users', migration_plan: '…' },
      resource_quota: { max_tokens: 20_000, max_duration_sec: 1800 },
      meta: { priority: 'high' },
    });
    await childrenOf(main, 3);

    // 4. Watch the tree
    const monitor = await engine.monitorWorkflowTree(main);
    expect(monitor.tree_status).toMatchObject({ status: 'running', total_nodes: 4, max_depth: 1 });
    const createdAt = Date.parse((await engine.getWorkflowState(main)).created_at);
    const { execution_time_sec } = monitor.tree_status;
    expect(execution_time_sec * 1000).toBeLessThanOrEqual(Date.now() - createdAt);
    expect(execution_time_sec * 1000).toBeGreaterThanOrEqual(Date.parse(monitor.timestamp) - createdAt - 100);
    expect(Date.parse(monitor.timestamp)).toBeGreaterThan(startedAt);
    const waiting = {
      status: 'created',
      current_phase: 'write',
      waiting_for: 'agent',
      progress: 0,
      depth: 1,
    };
    expect(monitor.children).toMatchObject([...planned, sub].map((id) => ({ ...waiting, instance_id: id })));

    // 7. One instance by itself
    const state = await engine.getWorkflowState(sub);
    expect(state).toMatchObject({
      parent_instance_id: main,
      root_instance_id: main,
      recursion_depth: 1,
      feature_id: 'feat_refactor_v2',
      variables: { table: 'users' },
      meta: { priority: 'high' },
      resource_quota: { max_tokens: 20_000 },
    });
    expect(state.resource_quota.max_duration_sec).toBeLessThanOrEqual(1800);
    expect(await engine.getWorkflowStatusInfo(sub)).toMatchObject({ depth: 1, status: 'created' });

    for (const id of [...planned, sub]) await migrate(id);
    await expect
      .poll(async () => (await engine.getWorkflowStatusInfo(main)).current_phase, { timeout: 20_000 })
      .toBe('summary');
    await engine.triggerNextStep(main, { trigger_data: { summary: 'All three' } });
    expect(await engine.getResult(main)).toEqual({ migrated: ['orders', 'invoices'], summary: 'All three' });

    // 5. The sum of the tree
    const tree = await engine.getWorkflowTreeStatus(main);
    expect(tree).toMatchObject({
      status: 'completed',
      total_nodes: 4,
      completed_nodes: 4,
      running_nodes: 0,
      failed_nodes: 0,
      total_tokens: 2700,
      total_cost_usd: 0.06,
    });
    // 4. again: each child as it ended, and the phase that it ended in
    const ended = { status: 'completed', current_phase: 'apply', waiting_for: null, progress: 1 };
    const { children } = await engine.monitorWorkflowTree(main);
    expect(children).toMatchObject([ended, ended, ended]);
    expect(await engine.getResult(sub)).toEqual({ table: 'users', sql: 'ALTER …' });
  });

  test('6. the whole tree is terminated at once, and every reader says so with the reason', async () => {
    const { engine } = setup;
    const main = await start(['orders', 'invoices']);
    await engine.triggerNextStep(main, { trigger_data: { migration_plan: 'Table by table' } });
    const [first = ''] = await childrenOf(main, 2);
    await expect
      .poll(
        () =>
          engine.getWorkflowStatusInfo(first).then(
            (info) => info.current_phase,
            () => null,
          ),
        { timeout: 20_000 },
      )
      .toBe('write');
    await engine.terminateWorkflowTree(main, 'Critical error detected in subtask');
    expect(await engine.getWorkflowTreeStatus(main)).toMatchObject({
      status: 'terminated',
      total_nodes: 3,
      terminated_nodes: 3,
      running_nodes: 0,
    });
    await expect
      .poll(async () => (await engine.getWorkflowStatusInfo(first)).status, { timeout: 20_000 })
      .toBe('terminated');
    const told = (await engine.getHistory(first)).at(-1);
    expect(told).toMatchObject({
      event_type: 'workflow_terminated',
      data: { reason: 'Critical error detected in subtask' },
    });
  });

  test('a quota that is asked for beyond what is left is refused, and so is a child that is too deep', async () => {
    const { engine } = setup;
    const main = await start(['orders']);
    await expect(
      engine.createSubworkflow(main, {
        schema_id: 'database-migration',
        context: { table: 'users', migration_plan: '…' },
        resource_quota: { max_tokens: 100_001 },
      }),
    ).rejects.toMatchObject({
      type: 'QuotaExceededError',
      details: { quota: 'max_tokens', limit: 100_000, used: 0, requested: 100_001 },
    });
    await expect(engine.createSubworkflow(main, { schema_id: 'no-such-thing' })).rejects.toMatchObject({
      type: 'SchemaNotFoundError',
    });
    let parent = main;
    for (let depth = 1; depth <= 4; depth += 1) {
      const { instance_id } = await engine.createSubworkflow(parent, {
        schema_id: 'database-migration',
        context: { table: 'users', migration_plan: '…' },
      });
      await expect
        .poll(
          () =>
            engine.getWorkflowStatusInfo(instance_id).then(
              (info) => info.depth,
              () => 0,
            ),
          { timeout: 20_000 },
        )
        .toBe(depth);
      parent = instance_id;
    }
    await expect(
      engine.createSubworkflow(parent, {
        schema_id: 'database-migration',
        context: { table: 'x', migration_plan: '' },
      }),
    ).rejects.toMatchObject({
      type: 'MaxRecursionDepthExceededError',
      details: { current: 5, max: 4, instance_id: parent },
    });
    await engine.terminateWorkflowTree(main, 'enough');
  });
});
