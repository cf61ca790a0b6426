/** A child without a quota of its own spends its parent's: the owner's way of reaching it holds for the child. */
import { describe, expect, test } from 'vitest';
import type { TreeOptions } from '../support/tree-driver.js';
import { TreeDriver } from '../support/tree-driver.js';

const LOOP = 'phases: [{ name: work, task: Work, next: work }]';
const MIDDLE = 'phases: [{ name: split, subworkflow: loop }]';
const PAUSES = 'on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: middle }]';

function start(root = PAUSES, options: TreeOptions = {}): TreeDriver {
  const definitions = { loop: LOOP, middle: MIDDLE, ...options.definitions };
  const tree = new TreeDriver(root, { resource_quota: { max_tokens: 100 }, ...options, definitions });
  tree.deliverAll();
  return tree;
}

/** The instance that stands lowest. */
function lowest(tree: TreeDriver): string {
  const [node] = [...tree.nodes.values()].sort((a, b) => b.state.recursion_depth - a.state.recursion_depth);
  return node?.id ?? '';
}

const spend = (tree: TreeDriver, tokens: number): void => {
  tree.trigger(lowest(tree), { usage: { tokens, cost_usd: 0 } });
  tree.deliverAll();
};

const paused = (tree: TreeDriver): boolean[] =>
  [...tree.nodes.values()].map(({ state }) => state.paused !== null);

describe('a quota that pauses', () => {
  test('pauses all levels that share it, and an extension of the owner lets all go on', () => {
    const tree = start();
    spend(tree, 120);
    expect(paused(tree)).toEqual([true, true, true]);
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 200 } });
    tree.deliverAll();
    expect(paused(tree)).toEqual([false, false, false]);
    expect([...tree.nodes.values()].map(({ state }) => state.resource_quota.max_tokens)).toEqual([
      200, 200, 200,
    ]);
    spend(tree, 79);
    expect(paused(tree)).toEqual([false, false, false]);
    spend(tree, 1);
    expect(paused(tree)).toEqual([true, true, true]);
    expect([...tree.nodes.values()].map(({ state }) => state.status)).toEqual(Array(3).fill('running'));
  });

  test('fails a child that has a quota of its own, as its definition says', () => {
    const own =
      'on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop, resource_quota: { max_tokens: 50 } }]';
    const tree = start(own);
    spend(tree, 60);
    expect(tree.node(lowest(tree)).state.failure?.type).toBe('QuotaExceededError');
  });

  test('leaves a quota of the definition that is the lower one to the definition', () => {
    const tree = start('on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop }]', {
      definitions: { loop: `default_resource_quota: { max_tokens: 50 }\n${LOOP}` },
    });
    spend(tree, 60);
    expect(tree.node(lowest(tree)).state.failure?.type).toBe('QuotaExceededError');
  });

  test('is raised no further than the definition of the child allows', () => {
    const tree = start('on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop }]', {
      definitions: { loop: `default_resource_quota: { max_tokens: 150 }\n${LOOP}` },
    });
    spend(tree, 100);
    expect(paused(tree)).toEqual([true, true]);
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 1000 } });
    tree.deliverAll();
    expect(tree.node(lowest(tree)).state.resource_quota.max_tokens).toBe(150);
    spend(tree, 50);
    expect(tree.node(lowest(tree)).state.failure?.type).toBe('QuotaExceededError');
  });

  test('of time does, too', () => {
    const tree = start(PAUSES, { resource_quota: { max_duration_sec: 60 } });
    tree.advance(61_000);
    tree.deliverAll();
    expect(paused(tree)).toEqual([true, true, true]);
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_duration_sec: 120 } });
    tree.deliverAll();
    expect(paused(tree)).toEqual([false, false, false]);
    tree.advance(58_000);
    expect(paused(tree)).toEqual([false, false, false]);
    tree.advance(3_000);
    tree.deliverAll();
    expect(paused(tree)).toEqual([true, true, true]);
  });

  test('grows for a child that waits for its start', () => {
    const tree = start('on_quota_exceeded: pause\nphases: [{ name: a, task: A, next: a }]');
    tree.send(tree.rootId, { type: 'pause_requested', reason: null });
    tree.send(tree.rootId, {
      type: 'subworkflow_requested',
      via: 'signal',
      request: { schema_id: 'loop' },
    });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 300 } });
    tree.send(tree.rootId, { type: 'resume_requested' });
    tree.deliverAll();
    expect(tree.node(lowest(tree)).state.resource_quota.max_tokens).toBe(300);
  });
});

test('a quota that fails ends the tree, as before', () => {
  const tree = start('phases: [{ name: split, subworkflow: middle }]');
  spend(tree, 100);
  expect(tree.root.state.failure?.type).toBe('QuotaExceededError');
});

test('instances of version 6 go on as they did', () => {
  const tree = start(PAUSES, { engine_version: 6 });
  const id = lowest(tree);
  spend(tree, 120);
  expect(tree.node(id).state.failure?.type).toBe('QuotaExceededError');
});
