/** Shapes of trees whose histories are kept: of the root, and of every instance below it. */
import type { WorkflowHandle } from '@temporalio/client';
import type { ChatFlow } from '../../src/client/index.js';
import type { TriggerInput } from '../../src/core/shapes.js';
import type { FlowShape } from './flow-shapes.js';

const LEAF = '{ name: leaf, version: "1", phases: [{ name: first, task: First }, { name: second, task: Second }] }';

/** The instance's children, once there are so many and each of them runs. */
async function childrenOf({ workflowId }: WorkflowHandle, engine: ChatFlow, count: number): Promise<readonly string[]> {
  for (;;) {
    const { children } = await engine.getWorkflowState(workflowId);
    if (children.length >= count) return children;
  }
}

async function walk(engine: ChatFlow, id: string, ...inputs: readonly TriggerInput[]): Promise<void> {
  for (const input of inputs) await engine.triggerNextStep(id, input);
}

async function ended(handle: WorkflowHandle): Promise<void> {
  await handle.result().catch(() => undefined);
}

export const TREE_SHAPES: Readonly<Record<string, FlowShape>> = {
  'children-of-a-foreach': {
    yaml: `
phases:
  - name: split
    foreach: "[1, 2, 3]"
    max_parallel: 2
    context: { n: "\${item}" }
    resource_quota: { max_tokens: 100 }
    subworkflow: ${LEAF}
  - { name: last, task: Last }
`,
    drive: async (handle, engine) => {
      for (let n = 1; n <= 3; n += 1) {
        const children = await childrenOf(handle, engine, n);
        await walk(engine, children[n - 1] ?? '', { usage: { tokens: 5, cost_usd: 0.1 } }, {});
      }
      await handle.signal('trigger_next_step', { task: 'last#1/last' });
      await engine.triggerNextStep(handle.workflowId, { task: 'last' }).catch(() => undefined);
      await ended(handle);
    },
  },
  'children-asked-for': {
    yaml: 'phases: [{ name: a, wait: { when: "size(messages) > 0" } }, { name: b, task: B }]',
    drive: async (handle, engine) => {
      const schema = { name: 'asked', version: '1', phases: [{ name: 'x', task: 'X' }] };
      const { instance_id } = await engine.createSubworkflow(handle.workflowId, { schema, request_id: 'r1' });
      await handle.signal('create_subworkflow', { schema, request_id: 'r1' });
      await handle.signal('create_subworkflow', { schema_id: 'nowhere' });
      await engine.pause(instance_id);
      await engine.resume(instance_id);
      await handle.signal('message_child', { instance_id, data: { hello: 1 } });
      await engine.triggerNextStep(instance_id);
      await handle.signal('receive_message', { from: instance_id, data: 1 });
      await engine.triggerNextStep(handle.workflowId, { task: 'b' });
      await ended(handle);
    },
  },
  'child-fails-and-is-tried-again': {
    yaml: `
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: child, subworkflow: ${LEAF}, on_failure: continue }
      - { name: hold, task: Hold }
`,
    drive: async (handle, engine) => {
      const [first = ''] = await childrenOf(handle, engine, 1);
      await walk(engine, first, {}, { outcome: 'failed', error: { type: 'Broken', message: 'no' } });
      for (;;) {
        const { failed_children } = await engine.getWorkflowStatusInfo(handle.workflowId);
        if (failed_children === 1) break;
      }
      await handle.executeUpdate('retry_task', { args: [{ task: 'child', guidance: 'Again' }] });
      const [, second = ''] = await childrenOf(handle, engine, 2);
      await walk(engine, second, {});
      await walk(engine, handle.workflowId, { task: 'hold' });
      await ended(handle);
    },
  },
  'quota-shared': {
    yaml: `
on_quota_exceeded: pause
phases: [{ name: child, subworkflow: ${LEAF} }]
default_resource_quota: { max_tokens: 100 }
`,
    drive: async (handle, engine) => {
      const [child = ''] = await childrenOf(handle, engine, 1);
      await walk(engine, child, { usage: { tokens: 100, cost_usd: 0 } });
      for (;;) {
        const { status } = await engine.getWorkflowStatusInfo(handle.workflowId);
        if (status === 'paused') break;
      }
      await engine.extendQuota(handle.workflowId, { max_tokens: 200 });
      for (;;) {
        const { status } = await engine.getWorkflowStatusInfo(child);
        if (status === 'running') break;
      }
      await walk(engine, child, { usage: { tokens: 1, cost_usd: 0 } });
      await ended(handle);
    },
  },
  'tree-cancelled': {
    yaml: `
phases:
  - { name: before, task: Before, compensate: { command: [node, --version] } }
  - name: child
    subworkflow:
      name: middle
      version: "1"
      phases: [{ name: down, subworkflow: ${LEAF} }]
`,
    drive: async (handle, engine) => {
      await walk(engine, handle.workflowId, {});
      const [middle = ''] = await childrenOf(handle, engine, 1);
      for (;;) {
        const info = await engine.getWorkflowStatusInfo(middle);
        if (info.child_count === 1) break;
      }
      await engine.cancelWorkflowTree(handle.workflowId, 'enough');
      await ended(handle);
    },
  },
  'children-killed': {
    yaml: `
default_resource_quota: { max_tokens: 100 }
phases:
  - name: fan
    tasks:
      - name: each
        foreach: "[1, 2]"
        on_failure: continue
        subworkflow:
          name: middle
          version: "1"
          phases: [{ name: down, subworkflow: ${LEAF} }]
`,
    drive: async (handle, engine) => {
      const [first = '', second = ''] = await childrenOf(handle, engine, 2);
      const below = engine.getWorkflowState.bind(engine);
      for (const middle of [first, second]) {
        let leaves: readonly string[] = [];
        while (leaves.length === 0) leaves = (await below(middle)).children;
        await walk(engine, leaves[0] ?? '', { usage: { tokens: 60, cost_usd: 0.1 } });
      }
      await engine.terminateWorkflowTree(first, 'not needed').catch(() => undefined);
      await ended(handle);
    },
  },
  'quotas-extended': {
    yaml: `
on_quota_exceeded: pause
default_resource_quota: { max_tokens: 100, max_children: 1 }
phases:
  - name: fan
    execution_strategy: parallel
    tasks:
      - { name: own, subworkflow: ${LEAF}, resource_quota: { max_tokens: 30 } }
      - { name: late, subworkflow: ${LEAF}, inherit: [a] }
`,
    drive: async (handle, engine) => {
      await engine.extendQuota(handle.workflowId, { max_children: 2, max_tokens: 200 });
      const [own = '', late = ''] = await childrenOf(handle, engine, 2);
      while ((await engine.getWorkflowStatusInfo(handle.workflowId)).running_children < 2);
      await engine.extendQuota(own, { max_tokens: 500 });
      for (const child of [own, late]) await walk(engine, child, { usage: { tokens: 10 } }, {});
      await ended(handle);
    },
  },
};
