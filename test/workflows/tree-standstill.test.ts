/** A child that stays open for long holds up nothing but its parent's continue-as-new. */
import { describe, expect, test } from 'vitest';
import { PATIENCE, bed, childOf, stateOf, treeOf, trigger, untilIn, useTreeBed } from './tree-bed.js';

useTreeBed();

const STANDING = '{ name: standing, version: "1", phases: [{ name: wait, task: Wait }] }';
const QUICK = '{ name: quick, version: "1", phases: [{ name: note, tasks: [] }], result: { done: "true" } }';

describe('past the mark for continue-as-new, with a child open', () => {
  test('other children start, also where the audit events have filled the state', async () => {
    const { workflowId: id } = await bed().start(`
phases:
  - name: beside
    execution_strategy: concurrent
    join: any
    tasks: [{ name: child, subworkflow: ${STANDING} }, { name: go, task: Go }]
  - name: turn
    task: Turn
    next: [{ when: "trigger.?last.orValue(false)", goto: quick }, { goto: turn }]
  - { name: quick, subworkflow: ${QUICK}, inherit: [] }
  - { name: after, task: After }
`);
    const child = await childOf(id, 'beside#1/child');
    await trigger(id, { task: 'go' });
    await untilIn(id, 'turn');
    const text = 'x'.repeat(900);
    const handle = bed().temporal.workflow.getHandle(id);
    for (let start = 0; start < 400; start += 50) {
      const turns = Array.from({ length: 50 }, () =>
        handle.signal('trigger_next_step', { task: 'turn', trigger_data: { text } }),
      );
      await Promise.all(turns);
    }
    await trigger(id, { task: 'turn', trigger_data: { last: true } });
    await untilIn(id, 'after');
    expect((await stateOf(id)).children).toContain(child);
    await bed().engine.terminateWorkflowTree(id);
  });

  test('a foreach of children goes on to its end', async () => {
    const { workflowId: id } = await bed().start(
      `
phases:
  - name: both
    execution_strategy: concurrent
    tasks:
      - { name: child, subworkflow: ${STANDING}, inherit: [] }
      - { name: each, foreach: variables.items, max_parallel: 50, subworkflow: ${QUICK}, inherit: [] }
`,
      { initial_context: { items: Array.from({ length: 320 }, (_none, index) => index) } },
    );
    const standing = await childOf(id, 'both#1/child');
    await expect
      .poll(() => treeOf(id), { ...PATIENCE, timeout: 90_000 })
      .toMatchObject({ completed_nodes: 320, total_nodes: 322 });
    await trigger(standing);
    await bed().temporal.workflow.getHandle(id).result();
  });
});
