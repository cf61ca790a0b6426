/** A child without a quota of its own spends its parent's: the owner's way of reaching it holds for the child. */
import { describe, expect, test } from 'vitest';
import { engineDefaults, limitsOfChild } from '../../src/core/child-limits.js';
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

const limitsOf = (tree: TreeDriver): (number | undefined)[] =>
  [...tree.nodes.values()].map(({ state }) => state.resource_quota.max_tokens);

describe('what a child shares', () => {
  const OWN_DEFAULT = {
    definitions: { loop: `default_resource_quota: { max_tokens: 150 }\n${LOOP}` },
  };
  const ONE = 'on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop }]';

  test('is extended beyond its own bound by itself, but never beyond what those above let it use', () => {
    const tree = start(ONE, OWN_DEFAULT);
    spend(tree, 100);
    const extension = { type: 'quota_extended', quota: { max_tokens: 500 } } as const;
    expect(tree.send(lowest(tree), extension)).toMatchObject({
      type: 'QuotaExceededError',
      details: { quota: 'max_tokens', limit: 100, used: 100, requested: 500 },
    });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 1000 } });
    tree.deliverAll();
    expect(limitsOf(tree)).toEqual([1000, 150]);
    expect(tree.send(lowest(tree), extension)).toBeNull();
    expect(limitsOf(tree)).toEqual([1000, 500]);
    spend(tree, 60);
    expect(paused(tree)).toEqual([false, false]);
  });

  test('ends where its own bound is as high as what is left', () => {
    const tree = start(ONE, {
      definitions: { loop: `default_resource_quota: { max_tokens: 100 }\n${LOOP}` },
    });
    expect(tree.node(lowest(tree)).state.shared_quota).toEqual({});
  });

  test('of time that was asked for is cut to what is left, and grows up to what was asked for', () => {
    const tree = start(
      'on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop, resource_quota: { max_duration_sec: 90 } }]',
      { resource_quota: { max_duration_sec: 60 } },
    );
    const child = tree.node(lowest(tree));
    expect(child.state.shared_quota).toEqual({ max_duration_sec: { pauses: true, most: 90 } });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_duration_sec: 1000 } });
    tree.deliverAll();
    expect(child.state.resource_quota.max_duration_sec).toBe(90);
  });

  test('reaches a child that is being started', () => {
    const tree = start('on_quota_exceeded: pause\nphases: [{ name: a, task: A, next: a }]');
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 300 } });
    tree.deliverAll();
    expect(limitsOf(tree)).toEqual([300, 300]);
  });

  test('of an owner that fails still pauses a child whose definition says so', () => {
    const tree = start('phases: [{ name: a, task: A, next: a }]', {
      definitions: { loop: `on_quota_exceeded: pause\n${LOOP}` },
    });
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.deliverAll();
    tree.trigger(lowest(tree), { usage: { tokens: 100, cost_usd: 0 } });
    expect(tree.node(lowest(tree)).state.paused?.by_quota).toBe(true);
  });

  test('grows by what another had set aside and did not use', () => {
    const tree = start('on_quota_exceeded: pause\nphases: [{ name: a, task: A, next: a }]', {
      definitions: { once: 'phases: [{ name: work, task: Work }]' },
    });
    tree.create(tree.rootId, { schema_id: 'once', resource_quota: { max_tokens: 90 } });
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.deliverAll();
    const [once, loop] = tree.childrenOf(tree.rootId).map(({ id }) => id) as [string, string];
    tree.trigger(loop, { usage: { tokens: 10, cost_usd: 0 } });
    tree.deliverAll();
    expect(tree.node(loop).state.paused?.by_quota).toBe(true);
    tree.trigger(once, { usage: { tokens: 1, cost_usd: 0 } });
    tree.deliverAll();
    expect(tree.node(loop).state).toMatchObject({ paused: null, resource_quota: { max_tokens: 99 } });
  });

  test('of time stands still with the owner', () => {
    const tree = start('on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop }]', {
      resource_quota: { max_duration_sec: 60 },
    });
    tree.send(tree.rootId, { type: 'pause_requested', reason: null });
    tree.advance(61_000);
    tree.send(tree.rootId, { type: 'resume_requested' });
    tree.deliverAll();
    expect(paused(tree)).toEqual([false, false]);
    tree.advance(58_000);
    expect(paused(tree)).toEqual([false, false]);
  });
});

test('a pause that took no time tells the children nothing', () => {
  const tree = start('on_quota_exceeded: pause\nphases: [{ name: split, subworkflow: loop }]', {
    resource_quota: { max_duration_sec: 60 },
  });
  tree.send(tree.rootId, { type: 'pause_requested', reason: null });
  tree.send(tree.rootId, { type: 'resume_requested' });
  expect(tree.box).toEqual([]);
});

test('the default quota of the engine bounds what those above do not, from version 7 on', () => {
  const grant = { own: {}, left: { max_tokens: 100 } };
  const defaults = { max_tokens: 100, max_children: 5 };
  expect(engineDefaults({ grant, engine_version: 7 }, defaults)).toEqual({ max_children: 5 });
  expect(engineDefaults({ grant, engine_version: 6 }, defaults)).toEqual(defaults);
  const limits = limitsOfChild(
    { grant: { ...grant, pauses: ['max_tokens'] }, engine_version: 7 },
    { max_children: 5 },
  );
  expect(limits).toEqual({
    resource_quota: { max_tokens: 100, max_children: 5 },
    shared_quota: { max_tokens: { pauses: true } },
  });
});

describe('a pause that somebody asked for', () => {
  const TWO = `
on_quota_exceeded: pause
phases:
  - name: split
    execution_strategy: parallel
    tasks: [{ name: a, subworkflow: loop }, { name: b, subworkflow: loop }]
`;
  const childrenOf = (tree: TreeDriver): [string, string] =>
    tree.childrenOf(tree.rootId).map(({ id }) => id) as [string, string];

  test.each(['before', 'in'])('of a child, %s that of a quota, outlasts it', (when) => {
    const tree = start(TWO);
    const [held, other] = childrenOf(tree);
    const hold = (): unknown => tree.send(held, { type: 'pause_requested', reason: 'do not go on' });
    if (when === 'before') hold();
    tree.trigger(other, { usage: { tokens: 100, cost_usd: 0 } });
    tree.deliverAll();
    if (when === 'in') hold();
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 1000 } });
    tree.deliverAll();
    expect(tree.node(held).state.paused).toMatchObject({ reason: 'do not go on', by_quota: false });
    expect([tree.root.state.paused, tree.node(other).state.paused]).toEqual([null, null]);
    tree.send(held, { type: 'resume_requested' });
    expect(tree.node(held).state.paused).toBeNull();
  });

  test('of the owner in that of the quota keeps the owner alone', () => {
    const tree = start(TWO);
    const [a, b] = childrenOf(tree);
    tree.trigger(a, { usage: { tokens: 100, cost_usd: 0 } });
    tree.deliverAll();
    tree.send(tree.rootId, { type: 'pause_requested', reason: 'wait' });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 300 } });
    tree.deliverAll();
    expect(tree.root.state.paused?.reason).toBe('wait');
    expect([a, b].map((id) => tree.node(id).state.paused)).toEqual([null, null]);
  });
});

describe('a retry of a task', () => {
  const FLOW = `
on_quota_exceeded: pause
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: each, foreach: "[1, 2]", max_parallel: 2, subworkflow: loop, resource_quota: { max_tokens: 60 }, on_failure: continue }
      - { name: own, task: Own, on_failure: continue }
      - { name: share, subworkflow: loop }
`;

  test('in a pause, whose child is refused, fails by the rule of the task once the pause is over', () => {
    const tree = start(FLOW);
    tree.send(tree.rootId, { type: 'pause_requested', reason: null });
    tree.send(tree.rootId, { type: 'task_retried', request: { task: 'each[1]' } });
    tree.send(tree.rootId, { type: 'resume_requested' });
    tree.deliverAll();
    expect(tree.root.state.tasks['both#1/each']?.foreach).toMatchObject({ open: 1, closed: 1 });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 1000 } });
    expect(tree.send(tree.rootId, { type: 'task_retried', request: { task: 'each[1]' } })).toBeNull();
    tree.deliverAll();
    expect(tree.root.state.tasks['both#1/each']?.foreach).toMatchObject({ open: 2, closed: 0 });
  });

  test('with a larger quota lets all that it has paused go on, and lowers none', () => {
    const tree = start(FLOW);
    tree.trigger(tree.rootId, {
      task: 'own',
      outcome: 'failed',
      error: { type: 'Broken', message: 'no' },
      usage: { tokens: 10, cost_usd: 0 },
    });
    const retry = (max_tokens: number): unknown =>
      tree.send(tree.rootId, {
        type: 'task_retried',
        request: { task: 'own', resource_quota: { max_tokens } },
      });
    expect(retry(5)).toMatchObject({ type: 'InvalidInputError' });
    const share =
      tree.childrenOf(tree.rootId).find(({ state }) => state.resource_quota.max_tokens !== 60)?.id ?? '';
    tree.trigger(share, { usage: { tokens: 90, cost_usd: 0 } });
    tree.advance(2000);
    tree.deliverAll();
    expect(tree.root.state.paused?.by_quota).toBe(true);
    expect(retry(1000)).toBeNull();
    tree.deliverAll();
    expect(paused(tree).every((is) => !is)).toBe(true);
    expect(tree.node(share).state.resource_quota.max_tokens).toBeGreaterThan(900);
  });
});
