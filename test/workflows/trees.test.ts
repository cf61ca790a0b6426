/** Trees of instances: children of tasks and of agents, their figures and their ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkflowState, WorkflowTreeStatus } from '../../src/core/shapes.js';
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
