/** What is refused in trees before anything happens, what is told of ends, and what expressions see of prices. */
import { describe, expect, test } from 'vitest';
import { child, eventsOf, own, plant } from '../support/plant-tree.js';

describe('what could never be is refused', () => {
  test.each(['leaf@^1', '../../etc/passwd', 'leaf@', ''])('the schema id %j', (schema_id) => {
    const tree = plant();
    expect(tree.create(tree.rootId, { schema_id })).toMatchObject({ type: 'InvalidInputError' });
    expect(tree.root.state.child_count ?? 0).toBe(0);
  });

  test('half a token, half a child', () => {
    const tree = plant();
    for (const resource_quota of [{ max_tokens: 1.5 }, { max_children: 2.5 }]) {
      expect(tree.create(tree.rootId, { schema_id: 'leaf', resource_quota })).toMatchObject({
        type: 'InvalidInputError',
      });
      const quota = { max_tokens: 2000.5 };
      expect(tree.send(tree.rootId, { type: 'quota_extended', quota })).toMatchObject({
        type: 'InvalidInputError',
      });
    }
  });

  test('retry_task with more than is left: the task stays failed, and may be tried with less', () => {
    const tree = plant(
      {},
      'phases: [{ name: a, tasks: [{ name: one, subworkflow: leaf, on_failure: continue }, { name: two, task: Two }], execution_strategy: parallel }]',
    );
    tree.deliverAll();
    const [first] = tree.childrenOf(tree.rootId);
    tree.trigger(first?.id ?? '', { outcome: 'failed' });
    tree.deliverAll();
    const retry = (max_tokens: number) =>
      tree.send(tree.rootId, { type: 'task_retried', request: { task: 'one', ...own(max_tokens) } });
    expect(retry(1001)).toMatchObject({ type: 'QuotaExceededError', details: { requested: 1001 } });
    expect(tree.root.state.tasks['a#1/one']?.status).toBe('failed');
    expect(retry(1000)).toBeNull();
    expect(tree.root.state.tasks['a#1/one']?.status).toBe('open');
  });

  test('a message from nobody it knows', () => {
    const tree = plant();
    expect(tree.send(tree.rootId, { type: 'message_received', from: 'wfi_stranger', data: 1 })).toMatchObject(
      {
        type: 'InvalidInputError',
      },
    );
    const { id } = child(tree, tree.rootId);
    tree.send(id, { type: 'publish_requested', data: 'ready' });
    tree.deliverAll();
    expect(tree.root.state.messages).toMatchObject([{ from: id, data: 'ready' }]);
  });
});

test('a price that is not known is null to expressions, and one of nothing is 0', () => {
  const root = `
phases:
  - { name: one, task: One, outputs: { cost: "usage.cost_usd", unpriced: "usage.unpriced_tokens" } }
  - { name: two, task: Two }`;
  const after = (cost: { cost_usd?: number }) => {
    const tree = plant({}, root);
    tree.trigger(tree.rootId, { usage: { tokens: 10, ...cost } });
    return tree.root.state.variables;
  };
  expect(after({})).toEqual({ cost: null, unpriced: 10 });
  expect(after({ cost_usd: 0 })).toEqual({ cost: 0, unpriced: 0 });
});

test('the end of a child is told with the details of its failure', () => {
  const tree = plant(
    {},
    'phases: [{ name: a, tasks: [{ name: one, subworkflow: leaf, on_failure: continue }] }]',
  );
  tree.deliverAll();
  const [only] = tree.childrenOf(tree.rootId);
  tree.trigger(only?.id ?? '', {
    outcome: 'failed',
    error: { type: 'Odd', message: 'odd', details: { at: 3 } },
  });
  tree.deliverAll();
  expect(eventsOf(tree.root, 'subworkflow_failed')).toMatchObject([
    { data: { type: 'Odd', details: { at: 3 } } },
  ]);
});
