/** Children that are refused before they are one, and children that were asked for at an unusual moment. */
import { describe, expect, test } from 'vitest';
import { areWindowsHeldByOthers } from '../../src/core/held-windows.js';
import { LIMITS } from '../../src/core/limits.js';
import type { ResourceQuota } from '../../src/core/shapes.js';
import { viewTreeMonitor, viewTreeStatus } from '../../src/core/views.js';
import { ENGINE_VERSION } from '../../src/core/limits.js';
import { TreeDriver } from '../support/tree-driver.js';

const LEAF = 'phases: [{ name: work, task: Work }]';
const DEFINITIONS = { leaf: LEAF };
const BROKEN = { outcome: 'failed', error: { type: 'Broken', message: 'no' } } as const;

describe('a child that is refused fails its task, by the task’s own rule', () => {
  /** The errors of the task, once the phase after it has been reached. */
  function refusalOf(task: string, quota: ResourceQuota = {}, depth = 5): string | undefined {
    const tree = new TreeDriver(
      `phases: [{ name: child, tasks: [{ name: child, ${task} }] }, { name: last, task: Last }]`,
      {
        definitions: DEFINITIONS,
        resource_quota: quota,
        max_recursion_depth: depth,
        context: { big: 'x'.repeat(70_000) },
      },
    );
    tree.deliverAll();
    expect(tree.root.state.current?.phase).toBe('last');
    expect([...tree.nodes.keys()]).toEqual([tree.rootId]);
    expect(tree.root.state.child_count ?? 0).toBe(0);
    return tree.root.state.tasks['child#1/child']?.error?.type;
  }

  const CONTINUE = 'inherit: [], on_failure: continue';

  test.each([
    [
      'QuotaExceededError',
      `subworkflow: leaf, ${CONTINUE}, resource_quota: { max_tokens: 50 }`,
      { max_tokens: 10 },
    ],
    ['QuotaExceededError', `subworkflow: leaf, ${CONTINUE}`, { max_children: 0 }],
    ['PayloadTooLargeError', 'subworkflow: leaf, on_failure: continue', {}],
  ] as const)('%s: %s', (type, task, quota) => {
    expect(refusalOf(task, quota)).toBe(type);
  });

  test('MaxRecursionDepthExceededError', () => {
    expect(refusalOf(`subworkflow: leaf, ${CONTINUE}`, {}, 0)).toBe('MaxRecursionDepthExceededError');
  });

  test('after its retries, which may find what a sibling has given back', () => {
    const tree = new TreeDriver(
      `
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: first, subworkflow: leaf, resource_quota: { max_tokens: 80 } }
      - name: second
        subworkflow: leaf
        resource_quota: { max_tokens: 50 }
        retry: { max_attempts: 3, initial_interval_sec: 10 }
`,
      { definitions: DEFINITIONS, resource_quota: { max_tokens: 100 } },
    );
    tree.deliverAll();
    const [first] = tree.childrenOf(tree.rootId);
    expect(tree.root.state.tasks['both#1/second']).toMatchObject({ status: 'open', waits: 'timer' });
    tree.trigger(first?.id ?? '', { usage: { tokens: 10, cost_usd: 0 } });
    tree.deliverAll();
    tree.advance(10_000);
    tree.deliverAll();
    expect(tree.childrenOf(tree.rootId)).toHaveLength(2);
    expect(tree.root.state.tasks['both#1/second']).toMatchObject({
      status: 'open',
      waits: 'children',
      attempts: 2,
    });
  });

  test('in a foreach element by element: those that fit run', () => {
    const tree = new TreeDriver(
      `
phases:
  - name: each
    tasks:
      - name: each
        foreach: "[1, 2, 3]"
        subworkflow: leaf
        resource_quota: { max_tokens: 20 }
        on_failure: continue
    outputs: { failed: 'size(tasks.each.filter(t, t.status == "failed"))' }
`,
      { definitions: DEFINITIONS, resource_quota: { max_tokens: 50 } },
    );
    tree.deliverAll();
    const started = tree.childrenOf(tree.rootId);
    expect(started).toHaveLength(2);
    for (const { id } of started) tree.trigger(id);
    tree.deliverAll();
    expect(tree.root.state).toMatchObject({ status: 'completed', variables: { failed: 1 }, child_count: 2 });
  });

  test('also where nothing was asked for and nothing is left', () => {
    const tree = new TreeDriver('phases: [{ name: work, task: Work }]', {
      definitions: DEFINITIONS,
      resource_quota: { max_tokens: 50 },
    });
    tree.create(tree.rootId, { schema_id: 'leaf', resource_quota: { max_tokens: 50 } });
    expect(tree.create(tree.rootId, { schema_id: 'leaf' })?.type).toBe('QuotaExceededError');
  });
});

describe('a quota of a child', () => {
  test('that is reached ends its siblings gracefully: it is none of its parent’s', () => {
    const tree = new TreeDriver(
      `
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: small, subworkflow: leaf, resource_quota: { max_tokens: 10 } }
      - { name: other, subworkflow: leaf }
`,
      { definitions: DEFINITIONS, resource_quota: { max_tokens: 1000 } },
    );
    tree.deliverAll();
    const [small, other] = tree.childrenOf(tree.rootId);
    tree.trigger(small?.id ?? '', { usage: { tokens: 15, cost_usd: 0 } });
    tree.deliverAll();
    expect(tree.root.state).toMatchObject({ status: 'failed', failure: { type: 'QuotaExceededError' } });
    expect(other).toMatchObject({ terminated: false, state: { status: 'cancelled' } });
  });

  test('can be extended, not lowered', () => {
    const tree = new TreeDriver('phases: [{ name: work, task: Work }]', {
      resource_quota: { max_tokens: 100 },
    });
    expect(tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 50 } })).toMatchObject({
      type: 'InvalidInputError',
      details: { quota: 'max_tokens', limit: 100, requested: 50 },
    });
    expect(tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 200 } })).toBeNull();
    expect(tree.root.state.resource_quota).toEqual({ max_tokens: 200 });
  });
});

describe('messages to a child that has not started', () => {
  const WAITS = 'phases: [{ name: work, task: Work }]';

  test('wait for it, in their order', () => {
    const tree = new TreeDriver(WAITS, { definitions: DEFINITIONS });
    tree.send(tree.rootId, { type: 'pause_requested', reason: null });
    tree.create(tree.rootId, { schema_id: 'leaf' });
    const [id = ''] = Object.keys(tree.root.state.children ?? {});
    for (const data of [1, 2, 3])
      expect(tree.send(tree.rootId, { type: 'message_requested', instance_id: id, data })).toBeNull();
    expect(tree.nodes.has(id)).toBe(false);
    tree.send(tree.rootId, { type: 'resume_requested' });
    tree.deliverAll();
    expect(tree.node(id).state.messages).toMatchObject([{ data: 1 }, { data: 2 }, { data: 3 }]);
    expect(tree.root.state.children?.[id]?.messages).toBeUndefined();
  });

  test('are refused beyond a hundred, and to one that has closed', () => {
    const tree = new TreeDriver(WAITS, { definitions: DEFINITIONS });
    tree.create(tree.rootId, { schema_id: 'leaf' });
    const [id = ''] = Object.keys(tree.root.state.children ?? {});
    const send = () => tree.send(tree.rootId, { type: 'message_requested', instance_id: id, data: 'x' });
    for (let count = 0; count < LIMITS.messages; count += 1) expect(send()).toBeNull();
    expect(send()?.type).toBe('RateLimitedError');
    tree.deliverAll();
    tree.trigger(id);
    tree.deliverAll();
    expect(send()?.type).toBe('InstanceNotFoundError');
  });
});

describe('a child whose task is over', () => {
  test('is not started again where its id was taken, and nobody else is ended in its place', () => {
    const tree = new TreeDriver(
      'phases: [{ name: first, task: First }, { name: child, subworkflow: leaf }]',
      { definitions: DEFINITIONS },
    );
    tree.trigger(tree.rootId);
    const taken = tree.log[0]?.slice('start '.length) ?? '';
    tree.box.length = 0;
    tree.send(tree.rootId, { type: 'rewind_requested', request: { phase: 'first' } });
    tree.send(tree.rootId, { type: 'child_id_taken', instance_id: taken });
    expect(tree.root.state).toMatchObject({ status: 'running', children: {}, queue: [] });
    expect(Object.keys(tree.root.state.deadlines)).toEqual([]);
    expect(tree.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
  });

  test('takes no place among those that there may be, where it was never started', () => {
    const tree = new TreeDriver('phases: [{ name: child, subworkflow: leaf }]', { definitions: DEFINITIONS });
    tree.send(tree.rootId, { type: 'cancel_requested', reason: null });
    tree.deliverAll();
    const before = new TreeDriver('phases: [{ name: work, task: Work }]', { definitions: DEFINITIONS });
    before.send(before.rootId, { type: 'pause_requested', reason: null });
    before.create(before.rootId, { schema_id: 'leaf' });
    expect(before.root.state.child_count).toBe(1);
    before.send(before.rootId, { type: 'cancel_requested', reason: null });
    expect(before.root.state).toMatchObject({ status: 'cancelled', child_count: 0 });
  });
});

describe('what was asked for at run time', () => {
  test('may still come while others are waited for', () => {
    const tree = new TreeDriver('phases: [{ name: work, task: Work }]', { definitions: DEFINITIONS });
    tree.create(tree.rootId, { schema_id: 'leaf' });
    tree.trigger(tree.rootId);
    tree.deliverAll();
    expect(tree.root.state.ending).toMatchObject({ stage: 'drain' });
    expect(tree.create(tree.rootId, { schema_id: 'leaf' })).toBeNull();
    tree.deliverAll();
    for (const { id } of tree.childrenOf(tree.rootId)) tree.trigger(id);
    tree.deliverAll();
    expect(tree.root.state.status).toBe('completed');
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({ completed_nodes: 3, total_nodes: 3 });
  });

  test.each([
    ['is refused by its parent', 6, 'PayloadTooLargeError'],
    ['is forgotten, as older ones are', ENGINE_VERSION, undefined],
  ])('has completed also where its result %s (version %i)', (_how, engine_version, failure) => {
    const tree = new TreeDriver('phases: [{ name: work, task: Work }]', {
      engine_version,
      definitions: { large: 'phases: [{ name: work, task: Work, outputs: { text: trigger.text } }]' },
    });
    for (let count = 0; count < 5; count += 1)
      tree.create(tree.rootId, { schema_id: 'large', on_failure: 'fail' });
    tree.deliverAll();
    for (const { id } of tree.childrenOf(tree.rootId)) {
      tree.trigger(id, { trigger_data: { text: 'x'.repeat(240_000) } });
      tree.deliverAll();
    }
    expect(tree.root.state.status).toBe('created');
    const { children, tree_status } = viewTreeMonitor(tree.root.state, tree.at);
    expect(children.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'completed'));
    expect(tree_status).toMatchObject({ completed_nodes: 5, failed_nodes: 0 });
    const { last = [] } = tree.root.state.past_children ?? {};
    expect(last.at(-1)?.failure?.type).toBe(failure);
    // As version 7 has it, the newest is there; before, the first that fitted were.
    expect(last.map(({ result }) => (result ?? null) !== null)).toEqual(
      failure === undefined ? [false, false, false, false, true] : [true, true, true, true, false],
    );
  });
});

describe('a foreach past the mark', () => {
  test('is held up by its own children, and let go where others keep the run from ending', () => {
    const tree = new TreeDriver(
      'phases: [{ name: each, foreach: "[1, 2]", max_parallel: 1, subworkflow: leaf, inherit: [] }]',
      { definitions: DEFINITIONS },
    );
    tree.create(tree.rootId, { schema_id: 'leaf' });
    tree.deliverAll();
    tree.send(tree.rootId, { type: 'drain_requested', windows: true });
    expect(areWindowsHeldByOthers(tree.root.state)).toBe(false);
    const element = tree.root.state.tasks['each#1/each[0]']?.child ?? '';
    tree.trigger(element);
    tree.deliverAll();
    expect(tree.root.state.tasks['each#1/each[1]']).toBeUndefined();
    expect(areWindowsHeldByOthers(tree.root.state)).toBe(true);
    expect(areWindowsHeldByOthers({ ...tree.root.state, children: {} })).toBe(false);
    tree.send(tree.rootId, { type: 'drain_requested', windows: false });
    tree.deliverAll();
    expect(tree.root.state.tasks['each#1/each[1]']).toMatchObject({ status: 'open' });
    expect(areWindowsHeldByOthers(tree.root.state)).toBe(false);
    expect(tree.root.state.draining).toBe(false);
  });
});

test('a child that fails in its second phase leaves what it was to its parent', () => {
  const tree = new TreeDriver(
    'phases: [{ name: child, tasks: [{ name: child, subworkflow: two, on_failure: continue }] }, { name: last, task: Last }]',
    {
      definitions: { two: 'phases: [{ name: a, task: A }, { name: b, task: B }]' },
    },
  );
  tree.deliverAll();
  const [child] = tree.childrenOf(tree.rootId);
  tree.trigger(child?.id ?? '', { usage: { tokens: 5 } });
  tree.advance(1000);
  tree.trigger(child?.id ?? '', BROKEN);
  tree.deliverAll();
  const { children } = viewTreeMonitor(tree.root.state, tree.at);
  expect(children).toMatchObject([
    {
      instance_id: child?.id,
      status: 'failed',
      current_phase: 'b',
      progress: 0.5,
      updated_at: new Date(tree.at).toISOString(),
      usage: { tokens: 5, unpriced_tokens: 5 },
    },
  ]);
});
