/** Quotas across levels: what is granted, extended, given back and lost. */
import { describe, expect, test } from 'vitest';
import { leftOf } from '../../src/core/quota.js';
import { figuresOf } from '../../src/core/tree-figures.js';
import { HOST, LEAF, child, eventsOf, own, plant, settle, spend } from '../support/plant-tree.js';
import type { Node, TreeDriver } from '../support/tree-driver.js';

describe('what is set aside', () => {
  test('below a child that shares its limit is out of the remainder of those above, too', () => {
    const tree = plant();
    const middle = child(tree, tree.rootId, { schema_id: 'host' });
    child(tree, middle.id, own(900));
    settle(tree);
    expect(tree.create(tree.rootId, { schema_id: 'leaf', ...own(900) })).toMatchObject({
      type: 'QuotaExceededError',
      details: { quota: 'max_tokens', limit: 1000, used: 900, requested: 900 },
    });
    expect(tree.create(tree.rootId, { schema_id: 'leaf', ...own(100) })).toBeNull();
  });

  test('comes back to all levels once that child has closed', () => {
    const tree = plant();
    const middle = child(tree, tree.rootId, { schema_id: 'host' });
    const lowest = child(tree, middle.id, own(900));
    settle(tree);
    spend(tree, lowest.id, 50);
    tree.send(lowest.id, { type: 'cancel_requested', reason: null });
    settle(tree);
    expect(leftOf(tree.root.state, 'max_tokens', tree.at)).toBe(950);
  });

  test('below a sibling raises the share of one that was made meanwhile, once it comes back', () => {
    const tree = plant();
    const middle = child(tree, tree.rootId, { schema_id: 'host' });
    const lowest = child(tree, middle.id, own(900));
    settle(tree);
    const late = child(tree, tree.rootId);
    expect(late.state.resource_quota.max_tokens).toBe(100);
    tree.send(lowest.id, { type: 'cancel_requested', reason: null });
    settle(tree);
    expect(late.state.resource_quota.max_tokens).toBe(1000);
  });

  test('for a sibling lets nobody else have more than there is, when it comes back', () => {
    const tree = plant();
    const sharing = child(tree, tree.rootId);
    const siblings = [900, 90].map((tokens) => child(tree, tree.rootId, own(tokens)));
    for (const { id } of siblings) tree.send(id, { type: 'cancel_requested', reason: null });
    settle(tree);
    expect(sharing.state.resource_quota.max_tokens).toBe(1000);
    const late = child(tree, tree.rootId, own(900));
    const poor = child(tree, tree.rootId);
    expect(poor.state.resource_quota.max_tokens).toBe(100);
    tree.send(late.id, { type: 'cancel_requested', reason: null });
    settle(tree);
    expect(poor.state.resource_quota.max_tokens).toBe(1000);
  });
});

describe('a child that is ended from outside', () => {
  test.each([{ how: 'killed' }, { how: 'killed with its parent' }])(
    'and $how has spent what it has spent, told or not',
    ({ how }) => {
      const tree = plant();
      const middle = child(tree, tree.rootId, { schema_id: 'host' });
      const lowest = child(tree, middle.id);
      spend(tree, lowest.id, 890);
      tree.terminate(how === 'killed' ? lowest.id : middle.id);
      settle(tree);
      const { tokens, nodes } = figuresOf(tree.root.state);
      expect(tokens).toBe(890);
      expect(nodes.terminated).toBe(how === 'killed' ? 1 : 2);
      expect(leftOf(tree.root.state, 'max_tokens', tree.at)).toBe(110);
    },
  );

  test('by a quota is terminated until it is', () => {
    const tree = plant();
    const children = [1, 2].map(() => child(tree, tree.rootId));
    tree.failingKills = 3;
    spend(tree, tree.rootId, 1000);
    settle(tree);
    tree.advance(60_000);
    tree.deliverAll();
    expect(tree.failingKills).toBe(0);
    expect(children.map(({ terminated }) => terminated)).toEqual([true, true]);
    expect(tree.root.state.status).toBe('failed');
  });

  test('before the server knew it is ended once it does', () => {
    const tree = plant();
    tree.create(tree.rootId, { schema_id: 'leaf' });
    const [id = ''] = Object.keys(tree.root.state.children ?? {});
    spend(tree, tree.rootId, 1000);
    tree.log.length = 0;
    tree.send(tree.rootId, { type: 'child_started', instance_id: id });
    expect(tree.log).toEqual([`schedule kill:${id}`]);
  });

  test('by a quota is counted before the instance closes', () => {
    const tree = plant();
    const children = [1, 2, 3].map(() => child(tree, tree.rootId));
    for (const { id } of children) spend(tree, id, 800);
    settle(tree);
    expect(tree.root.state.status).toBe('failed');
    expect(figuresOf(tree.root.state).tokens).toBe(2400);
  });
});

describe('extend_quota of a child', () => {
  test('is set aside in its parent', () => {
    const tree = plant();
    const { id } = child(tree, tree.rootId, own(100));
    expect(tree.send(id, { type: 'quota_extended', quota: { max_tokens: 700 } })).toBeNull();
    tree.deliverAll();
    expect(leftOf(tree.root.state, 'max_tokens', tree.at)).toBe(300);
    expect(tree.create(tree.rootId, { schema_id: 'leaf', ...own(301) })).toMatchObject({
      type: 'QuotaExceededError',
    });
  });

  test('is cut to what its parent has left, and so are those that share it', () => {
    const tree = plant();
    const middle = child(tree, tree.rootId, { schema_id: 'host', ...own(100) });
    child(tree, tree.rootId, own(200));
    const lowest = child(tree, middle.id);
    tree.send(middle.id, { type: 'quota_extended', quota: { max_tokens: 5000 } });
    tree.deliverAll();
    expect(middle.state.resource_quota.max_tokens).toBe(800);
    expect(lowest.state.resource_quota.max_tokens).toBe(800);
    expect(eventsOf(middle, 'quota_cut')).toMatchObject([{ data: { max_tokens: 800 } }]);
    expect(leftOf(tree.root.state, 'max_tokens', tree.at)).toBe(0);
  });

  test('is refused where the time of those above is over before', () => {
    const tree = plant({ resource_quota: { max_duration_sec: 100 } });
    const { id } = child(tree, tree.rootId, { resource_quota: { max_duration_sec: 10 } });
    expect(tree.send(id, { type: 'quota_extended', quota: { max_duration_sec: 101 } })).toMatchObject({
      type: 'QuotaExceededError',
      details: { quota: 'max_duration_sec', limit: 100, requested: 101 },
    });
    expect(tree.send(id, { type: 'quota_extended', quota: { max_duration_sec: 100 } })).toBeNull();
  });

  test('is granted further down only once it is set aside itself', () => {
    const tree = plant();
    const middle = child(tree, tree.rootId, { schema_id: 'host', ...own(300) });
    child(tree, tree.rootId, own(600));
    tree.send(middle.id, { type: 'quota_extended', quota: { max_tokens: 1000 } });
    expect(tree.create(middle.id, { schema_id: 'leaf', ...own(301) })).toMatchObject({
      type: 'QuotaExceededError',
    });
    tree.deliverAll();
    expect(middle.state.resource_quota.max_tokens).toBe(400);
    expect(tree.create(middle.id, { schema_id: 'leaf', ...own(401) })).not.toBeNull();
    expect(tree.create(middle.id, { schema_id: 'leaf', ...own(400) })).toBeNull();
  });

  test('that is cut to what was spent meanwhile stops it', () => {
    const tree = plant({ resource_quota: { max_tokens: 100 } });
    const one = child(tree, tree.rootId, own(30));
    child(tree, tree.rootId, own(60));
    tree.send(one.id, { type: 'quota_extended', quota: { max_tokens: 90 } });
    spend(tree, one.id, 60);
    tree.deliverAll();
    expect(one.state).toMatchObject({ status: 'failed', failure: { type: 'QuotaExceededError' } });
  });

  test('beyond what is used already is refused', () => {
    const tree = plant({ resource_quota: {} }, LEAF);
    spend(tree, tree.rootId, 500);
    expect(tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 10 } })).toMatchObject({
      type: 'QuotaExceededError',
      details: { quota: 'max_tokens', used: 500, requested: 10 },
    });
  });

  test('and what else is told of limits is nobody’s to tell a root', () => {
    const tree = plant();
    expect(tree.send(tree.rootId, { type: 'quota_raised', cut_to: { max_tokens: 1 } })).toMatchObject({
      type: 'InvalidInputError',
    });
  });
});

describe('a pause by a quota above', () => {
  const PAUSES = `on_quota_exceeded: pause\n${HOST}`;
  const reached = (): { tree: TreeDriver; below: Node } => {
    const tree = plant({}, PAUSES);
    const below = child(tree, tree.rootId);
    tree.trigger(child(tree, tree.rootId).id, { usage: { tokens: 1000 } });
    settle(tree);
    return { tree, below };
  };

  test('is not ended by a resume below, nor by one of the tree', () => {
    const { tree, below } = reached();
    expect(tree.send(below.id, { type: 'resume_requested' })).toMatchObject({ type: 'QuotaExceededError' });
    tree.send(tree.rootId, { type: 'resume_requested', tree: true });
    tree.deliverAll();
    expect(below.state.paused).toMatchObject({ by_quota: true, above: true });
  });

  test('is not ended by an extension below: nothing starts while the owner has reached its limit', () => {
    const { tree, below } = reached();
    for (const quota of [{}, { max_children: 5 }, { max_cost_usd: 3 }]) {
      tree.send(below.id, { type: 'quota_extended', quota });
      expect(below.state.paused, JSON.stringify(quota)).toMatchObject({ above: true });
    }
  });

  test('outlasts a pause that somebody asks for in it, and ends with the extension', () => {
    const { tree, below } = reached();
    tree.send(below.id, { type: 'pause_requested', reason: 'lunch' });
    expect(below.state.paused).toMatchObject({ by_quota: false, reason: 'lunch' });
    tree.send(below.id, { type: 'resume_requested' });
    expect(below.state.paused).toMatchObject({ by_quota: true });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 2000 } });
    tree.deliverAll();
    expect(below.state.paused).toBeNull();
  });

  test('and its end leave a pause of somebody as it is', () => {
    const { tree, below } = reached();
    tree.send(below.id, { type: 'pause_requested', reason: 'lunch' });
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 2000 } });
    tree.deliverAll();
    expect(below.state.paused).toMatchObject({ by_quota: false, reason: 'lunch' });
    tree.send(below.id, { type: 'resume_requested' });
    expect(below.state.paused).toBeNull();
  });
});

describe('what an ending child still holds', () => {
  const KEEP = 'resource_quota: { max_tokens: 800 }';
  const opened = (tree: TreeDriver, parent: string): Node[] =>
    tree.childrenOf(parent).filter((node) => tree.isOpen(node));

  test('is waited for by the one that a rewind puts in its place', () => {
    const tree = plant(
      {},
      `phases: [{ name: a, task: A }, { name: k, tasks: [{ name: k, subworkflow: leaf, ${KEEP} }] }]`,
    );
    tree.trigger(tree.rootId);
    tree.deliverAll();
    tree.send(tree.rootId, { type: 'rewind_requested', request: { phase: 'k' } });
    expect(tree.root.state.tasks['k#2/k']).toMatchObject({ status: 'open' });
    tree.deliverAll();
    expect(tree.root.state.closed_at).toBeNull();
    expect(opened(tree, tree.rootId)).toHaveLength(1);
    expect(leftOf(tree.root.state, 'max_tokens', tree.at)).toBe(200);
  });

  test('is waited for by the next element of a foreach, where one has timed out', () => {
    const tree = plant(
      {},
      `phases: [{ name: k, tasks: [{ name: k, subworkflow: leaf, foreach: "[1, 2, 3]", max_parallel: 1, timeout_sec: 2, on_failure: continue, ${KEEP} }] }, { name: z, task: Z }]`,
    );
    for (let element = 0; element < 3; element += 1) {
      tree.deliverAll();
      expect(opened(tree, tree.rootId), `element ${element}`).toHaveLength(1);
      tree.advance(2000);
    }
    tree.deliverAll();
    expect(tree.root.state.current?.phase).toBe('z');
    expect(tree.childrenOf(tree.rootId)).toHaveLength(3);
  });

  test('is waited for by the next phase, where a join has ended it', () => {
    const tree = plant(
      {},
      `
phases:
  - name: k
    execution_strategy: parallel
    join: any
    tasks: [{ name: slow, subworkflow: leaf, ${KEEP} }, { name: fast, task: Fast }]
  - { name: next, tasks: [{ name: next, subworkflow: leaf, ${KEEP} }] }`,
    );
    tree.deliverAll();
    tree.trigger(tree.rootId, { task: 'fast' });
    tree.deliverAll();
    expect(tree.root.state.tasks['next#1/next']).toMatchObject({ status: 'open' });
    expect(opened(tree, tree.rootId)).toHaveLength(1);
  });

  test('is not waited for where it would not be enough', () => {
    const tree = plant(
      {},
      `phases: [{ name: k, tasks: [{ name: k, subworkflow: leaf, ${KEEP} }], on_failure: more }, { name: more, tasks: [{ name: m, subworkflow: leaf, resource_quota: { max_tokens: 1001 } }] }]`,
    );
    tree.deliverAll();
    tree.trigger(opened(tree, tree.rootId)[0]?.id ?? '', { outcome: 'failed' });
    tree.deliverAll();
    expect(tree.root.state.failure).toMatchObject({ type: 'QuotaExceededError' });
  });
});

describe('time', () => {
  test.each([true, false])(
    'that stood still for a tree (all of it: %s) leaves no child more than its parent',
    (all) => {
      const tree = plant({ resource_quota: { max_duration_sec: 100 } });
      const middle = child(tree, tree.rootId, { schema_id: 'host' });
      const lowest = child(tree, middle.id);
      for (let round = 0; round < 3; round += 1) {
        tree.send(tree.rootId, { type: 'pause_requested', reason: null, tree: all });
        tree.deliverAll();
        tree.advance(4000);
        tree.send(tree.rootId, { type: 'resume_requested', tree: all });
        tree.deliverAll();
        const lefts = [tree.root, middle, lowest].map(({ state }) =>
          leftOf(state, 'max_duration_sec', tree.at),
        );
        expect(lefts).toEqual([100, 100, 100]);
      }
    },
  );
});

test('what was spent for a trigger that was kept and comes to nothing is spent', () => {
  const tree = plant({ resource_quota: { max_tokens: 100 } }, `on_quota_exceeded: pause\n${LEAF}`);
  spend(tree, tree.rootId, 100);
  expect(tree.root.state.paused).not.toBeNull();
  tree.send(tree.rootId, {
    type: 'trigger_received',
    via: 'signal',
    input: { usage: { tokens: 500, cost_usd: 5 } },
  });
  tree.send(tree.rootId, { type: 'cancel_requested', reason: null });
  expect(tree.root.state.status).toBe('cancelled');
  expect(figuresOf(tree.root.state)).toMatchObject({ tokens: 600, cost_usd: 5 });
});

test('prices far below a millionth of a dollar add up, and reach a limit', () => {
  const tree = plant({ resource_quota: { max_cost_usd: 0.000003 } }, LEAF);
  for (let count = 0; count < 7; count += 1)
    tree.trigger(tree.rootId, { usage: { tokens: 1, cost_usd: 4e-7 } });
  expect(figuresOf(tree.root.state).cost_usd).toBeCloseTo(2.8e-6, 12);
  tree.trigger(tree.rootId, { usage: { tokens: 1, cost_usd: 4e-7 } });
  expect(tree.root.state.failure).toMatchObject({ details: { quota: 'max_cost_usd', used: 3.2e-6 } });
});

describe('max_children', () => {
  const ROOT = 'phases: [{ name: fan, tasks: [{ name: each, subworkflow: host, foreach: "[1, 2]" }] }]';

  test('pauses where quotas do, and the task goes on once there may be more', () => {
    const tree = plant({ resource_quota: { max_children: 1 } }, `on_quota_exceeded: pause\n${ROOT}`);
    tree.deliverAll();
    expect(tree.root.state.paused).toMatchObject({ by_quota: true });
    expect(eventsOf(tree.root, 'workflow_paused')).toHaveLength(1);
    expect(eventsOf(tree.root, 'quota_exceeded')).toMatchObject([{ data: { quota: 'max_children' } }]);
    tree.send(tree.rootId, { type: 'resume_requested' });
    expect(tree.root.state.paused, 'a resume alone makes no room').not.toBeNull();
    expect(tree.send(tree.rootId, { type: 'quota_extended', quota: { max_children: 2 } })).toBeNull();
    tree.deliverAll();
    expect(tree.root.state.paused).toBeNull();
    for (const { id } of tree.childrenOf(tree.rootId)) tree.trigger(id);
    tree.deliverAll();
    expect(tree.root.state.status).toBe('completed');
    expect(tree.childrenOf(tree.rootId)).toHaveLength(2);
  });

  test('fails the task by its rule where quotas fail', () => {
    const tree = plant({ resource_quota: { max_children: 1 } }, ROOT);
    settle(tree);
    expect(tree.root.state.failure).toMatchObject({ type: 'QuotaExceededError' });
  });
});
