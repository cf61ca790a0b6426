/** Trees of instances: children of tasks and of agents, their figures and their ends. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { init, type ChatFlow } from '../../src/client/index.js';
import type { WorkflowState, WorkflowTreeStatus } from '../../src/core/shapes.js';
import { getServerBinary } from '../support/temporal-server.js';
import { openTestBed, type TestBed } from './test-bed.js';

const LEAF = `
    name: leaf
    version: "1"
    result: { doubled: variables.n * 2 }
    phases: [{ name: work, task: "Work on \${variables.n}" }]
`;

const TREE = `
name: tree
version: "1"
phases:
  - name: split
    foreach: "[1, 2, 3]"
    context: { n: "\${item}" }
    subworkflow:${LEAF.replaceAll('\n', '\n  ')}
    outputs: { sums: "tasks.split.map(t, t.output.doubled)" }
`;

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

describe('a foreach of children', () => {
  test('starts one an element, adds up its figures, and joins their results', async () => {
    const handle = await bed.start(TREE);
    await expect
      .poll(async () => (await handle.query<WorkflowState>('get_workflow_state')).tasks.length)
      .toBe(3);
    const { tasks, waiting_for } = await handle.query<WorkflowState>('get_workflow_state');
    expect(waiting_for).toBe('children');
    for (const { instance_id } of tasks) {
      const child = bed.temporal.workflow.getHandle(instance_id ?? '');
      await child.executeUpdate('trigger_next_step', { args: [{ usage: { tokens: 5, cost_usd: 0.5 } }] });
    }
    expect(await handle.result()).toMatchObject({ sums: [2, 4, 6] });
    const tree = await handle.query<WorkflowTreeStatus>('get_workflow_tree_status');
    expect(tree).toMatchObject({
      status: 'completed',
      total_nodes: 4,
      completed_nodes: 4,
      max_depth: 1,
      total_tokens: 15,
      total_cost_usd: 1.5,
    });
  });
});

const WAITS = `
name: waits
version: "1"
phases: [{ name: work, task: Work, next: work }]
`;

/** Each level asks for the next one inline. */
const THREE = `
name: three
version: "1"
phases:
  - name: one
    subworkflow:
      name: two
      version: "1"
      phases:
        - name: down
          subworkflow: { name: bottom, version: "1", phases: [{ name: work, task: Work }] }
`;

async function childIds(instanceId: string, count: number): Promise<readonly string[]> {
  const handle = bed.temporal.workflow.getHandle(instanceId);
  const read = async (): Promise<readonly string[]> =>
    (await handle.query<WorkflowState>('get_workflow_state')).children;
  await expect.poll(async () => (await read()).length, { timeout: 20_000 }).toBe(count);
  return read();
}

/** When the child runs: its definition has been resolved. */
async function untilPrepared(instanceId: string): Promise<void> {
  const handle = bed.temporal.workflow.getHandle(instanceId);
  await expect
    .poll(
      () =>
        handle.query('get_workflow_status_info').then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
}

describe('three levels', () => {
  async function start(): Promise<readonly string[]> {
    const { workflowId } = await bed.start(THREE);
    const [two = ''] = await childIds(workflowId, 1);
    await untilPrepared(two);
    const [bottom = ''] = await childIds(two, 1);
    await untilPrepared(bottom);
    return [workflowId, two, bottom];
  }

  async function statuses(ids: readonly string[]): Promise<readonly string[]> {
    return Promise.all(
      ids.map(async (id) => (await bed.temporal.workflow.getHandle(id).describe()).status.name),
    );
  }

  test('end with the root by the API, and are told of so, with no worker alive', async () => {
    const ids = await start();
    await bed.stopWorker();
    await bed.engine.terminateWorkflowTree(ids[0] ?? '', 'enough');
    await untilTerminated(ids);
    const hasty = await init({ ...bed.address, config: bed.config, deadline_ms: 1500 });
    onTestFinished(() => hasty.close());
    await expectAllTerminated(hasty, ids);
    await bed.startWorker();
    await expectAllTerminated(bed.engine, ids);
  });

  test("end with the root by Temporal's CLI, with no worker alive", async () => {
    const ids = await start();
    await bed.stopWorker();
    await terminateByCli(ids[0] ?? '', 'enough');
    await untilTerminated(ids);
    await bed.startWorker();
    await expectAllTerminated(bed.engine, ids);
    const history = await bed.engine.getHistory(ids[2] ?? '');
    expect(history.at(-1)).toMatchObject({ event_type: 'workflow_terminated', data: { reason: 'enough' } });
  });

  async function untilTerminated(ids: readonly string[]): Promise<void> {
    await expect
      .poll(() => statuses(ids), { timeout: 20_000 })
      .toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED']);
  }

  /** By every reader that a tree has, for every node. */
  async function expectAllTerminated(engine: ChatFlow, ids: readonly string[]): Promise<void> {
    const [root = '', two = '', bottom = ''] = ids;
    const ended = { status: 'terminated', reason: 'enough' };
    for (const id of ids) expect(await engine.getWorkflowStatusInfo(id)).toMatchObject(ended);
    const monitor = await engine.monitorWorkflowTree(root, { depth: 5 });
    expect(monitor.root).toMatchObject({ instance_id: root, ...ended, terminated_children: 1 });
    expect(monitor.children).toMatchObject([
      { instance_id: two, ...ended, children: [{ instance_id: bottom, ...ended }] },
    ]);
    const counts = { status: 'terminated', total_nodes: 3, terminated_nodes: 3, running_nodes: 0 };
    expect(await engine.getWorkflowTreeStatus(root)).toMatchObject({ ...counts, max_depth: 2 });
    expect(await engine.getWorkflowTreeStatus(two)).toMatchObject({ total_nodes: 2, terminated_nodes: 2 });
    for (const id of ids)
      await expect(engine.getResult(id)).rejects.toThrow('The instance was terminated: enough');
    const listed = await engine.listInstances({ feature_id: monitor.root.feature_id });
    const own = listed.filter(({ instance_id }) => ids.includes(instance_id));
    expect(own.map(({ status }) => status)).toEqual(['terminated', 'terminated', 'terminated']);
  }

  async function terminateByCli(root: string, reason: string): Promise<void> {
    const { address, namespace } = bed.address;
    const target = ['--address', address, '--namespace', namespace];
    const command = ['workflow', 'terminate', '--workflow-id', root, '--reason', reason];
    await promisify(execFile)(getServerBinary(), [...command, ...target]);
  }

  test('end gracefully from below, as cancelled', async () => {
    const ids = await start();
    await bed.temporal.workflow.getHandle(ids[0] ?? '').cancel();
    await expect
      .poll(() => statuses(ids), { timeout: 20_000 })
      .toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    const tree = await bed.temporal.workflow
      .getHandle(ids[0] ?? '')
      .query<WorkflowTreeStatus>('get_workflow_tree_status');
    expect(tree).toMatchObject({ status: 'cancelled', total_nodes: 3, cancelled_nodes: 3, max_depth: 2 });
  });

  test('fail upwards where the one in the middle is killed', async () => {
    const ids = await start();
    await bed.temporal.workflow.getHandle(ids[1] ?? '').terminate('killed');
    await expect
      .poll(() => statuses(ids), { timeout: 20_000 })
      .toEqual(['FAILED', 'TERMINATED', 'TERMINATED']);
    const state = await bed.temporal.workflow
      .getHandle(ids[0] ?? '')
      .query<WorkflowState>('get_workflow_state');
    expect(state.failure).toMatchObject({ type: 'WorkflowFailedError', phase: 'one' });
  });

  test('complete upwards', async () => {
    const ids = await start();
    await bed.temporal.workflow
      .getHandle(ids[2] ?? '')
      .executeUpdate('trigger_next_step', { args: [{ usage: { tokens: 3, cost_usd: 0.1 } }] });
    await expect
      .poll(() => statuses(ids), { timeout: 20_000 })
      .toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
    const tree = await bed.temporal.workflow
      .getHandle(ids[0] ?? '')
      .query<WorkflowTreeStatus>('get_workflow_tree_status');
    expect(tree).toMatchObject({ completed_nodes: 3, total_tokens: 3, total_cost_usd: 0.1 });
  });
});

describe('create_subworkflow', () => {
  test('by update answers with the id, by signal starts one too; a bad definition fails the child alone', async () => {
    const handle = await bed.start(WAITS);
    const schema = { name: 'asked', version: '1', phases: [{ name: 'x', task: 'X ${variables.n}' }] };
    const { instance_id } = await handle.executeUpdate<{ instance_id: string }, [object]>(
      'create_subworkflow',
      {
        args: [{ schema, context: { n: 7 }, request_id: 'r1' }],
      },
    );
    await untilPrepared(instance_id);
    const child = bed.temporal.workflow.getHandle(instance_id);
    const state = await child.query<WorkflowState>('get_workflow_state');
    expect(state).toMatchObject({
      parent_instance_id: handle.workflowId,
      root_instance_id: handle.workflowId,
      recursion_depth: 1,
      variables: { n: 7 },
      feature_id: state.feature_id,
    });
    await handle.signal('create_subworkflow', { schema_id: 'nowhere' });
    await childIds(handle.workflowId, 2);
    await expect
      .poll(async () => await handle.query('get_workflow_status_info'), { timeout: 20_000 })
      .toMatchObject({ child_count: 2, failed_children: 1, running_children: 1 });
  });

  test('is refused in its validator, at no cost in history, where it would be too deep', async () => {
    const handle = await bed.start(`max_recursion_depth: 1\n${WAITS.trimStart()}`);
    const schema = { name: 'asked', version: '1', phases: [{ name: 'x', task: 'X' }] };
    const { instance_id } = await handle.executeUpdate<{ instance_id: string }, [object]>(
      'create_subworkflow',
      {
        args: [{ schema }],
      },
    );
    await untilPrepared(instance_id);
    const child = bed.temporal.workflow.getHandle(instance_id);
    const before = (await child.describe()).historyLength;
    await expect(child.executeUpdate('create_subworkflow', { args: [{ schema }] })).rejects.toMatchObject({
      cause: { type: 'MaxRecursionDepthExceededError', details: [{ current: 2, max: 1 }] },
    });
    expect((await child.describe()).historyLength).toBe(before);
  });
});

describe('a parent past its mark', () => {
  test('continues as new once its child has closed, and loses nothing of either', async () => {
    const handle = await bed.start(WAITS);
    const current = bed.temporal.workflow.getHandle(handle.workflowId);
    const schema = { name: 'asked', version: '1', phases: [{ name: 'x', task: 'X' }] };
    const { instance_id } = await current.executeUpdate<{ instance_id: string }, [object]>(
      'create_subworkflow',
      {
        args: [{ schema }],
      },
    );
    await untilPrepared(instance_id);
    for (let n = 0; n < 220; n += 1)
      await current.executeUpdate('trigger_next_step', { args: [{ trigger_data: { n } }] });
    expect((await current.describe()).runId).toBe(handle.firstExecutionRunId);
    await bed.temporal.workflow.getHandle(instance_id).executeUpdate('trigger_next_step', { args: [{}] });
    await expect
      .poll(async () => (await current.describe()).runId === handle.firstExecutionRunId, { timeout: 20_000 })
      .toBe(false);
    const state = await current.query<WorkflowState>('get_workflow_state');
    expect(state.variables).toEqual({ n: 219 });
    expect(await current.query('get_workflow_status_info')).toMatchObject({
      child_count: 1,
      completed_children: 1,
    });
  });
});

describe('a trigger that a child got while no worker ran', () => {
  test('ends it, and all above it, when one comes back', async () => {
    const { workflowId } = await bed.start(THREE);
    const [two = ''] = await childIds(workflowId, 1);
    await untilPrepared(two);
    const [bottom = ''] = await childIds(two, 1);
    await untilPrepared(bottom);
    await bed.stopWorker();
    await bed.temporal.workflow.getHandle(bottom).signal('trigger_next_step', {});
    await bed.startWorker();
    await bed.temporal.workflow.getHandle(workflowId).result();
    const tree = { status: 'completed', total_nodes: 3, completed_nodes: 3 };
    expect(await bed.engine.getWorkflowTreeStatus(workflowId)).toMatchObject(tree);
  });
});
