/** Trees of instances in the core alone. */
import { describe, expect, test } from 'vitest';
import { decodeReport } from '../../src/core/decode-input.js';
import { leftOf } from '../../src/core/quota.js';
import { makeReport } from '../../src/core/report-up.js';
import { transition } from '../../src/core/transition.js';
import { viewStatusInfo, viewTreeMonitor, viewTreeStatus } from '../../src/core/views.js';
import { TreeDriver } from '../support/tree-driver.js';

const LEAF = `
phases: [{ name: work, task: "Work on \${variables.?n.orValue(0)}" }]
result: { doubled: variables.?n.orValue(0) * 2 }
`;

const ONE = 'phases: [{ name: child, subworkflow: leaf }, { name: last, task: Last }]';

function childOf(tree: TreeDriver, id = tree.rootId): string {
  const [child] = tree.childrenOf(id);
  if (!child) throw new Error(`${id} has no child`);
  return child.id;
}

describe('a child of a task', () => {
  test('starts with the variables of its parent under its own context, and leaves its result to `outputs`', () => {
    const tree = new TreeDriver(
      `
phases:
  - name: child
    subworkflow: leaf
    inherit: [a]
    context: { n: 21 }
    outputs: { answer: trigger.doubled }
`,
      { definitions: { leaf: LEAF }, context: { a: 1, b: 2 } },
    );
    tree.deliverAll();
    const child = tree.node(childOf(tree));
    expect(child.state.variables).toEqual({ a: 1, n: 21 });
    expect(child.state.recursion_depth).toBe(1);
    tree.trigger(child.id);
    tree.deliverAll();
    expect(tree.root.state).toMatchObject({ status: 'completed', variables: { a: 1, b: 2, answer: 42 } });
  });

  test.each(['terminated', 'failed', 'cancelled'] as const)('that has %s fails the task', (how) => {
    const tree = new TreeDriver(ONE, { definitions: { leaf: LEAF } });
    tree.deliverAll();
    const id = childOf(tree);
    if (how === 'terminated') tree.terminate(id);
    if (how === 'failed') tree.trigger(id, { outcome: 'failed', error: { type: 'Broken', message: 'no' } });
    if (how === 'cancelled') tree.send(id, { type: 'cancel_requested', reason: 'enough' });
    tree.deliverAll();
    expect(tree.root.state.status).toBe('failed');
    expect(tree.root.state.failure?.type).toBe(how === 'failed' ? 'Broken' : 'WorkflowFailedError');
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({
      total_nodes: 2,
      [`${how}_nodes`]: how === 'failed' ? 2 : 1,
    });
  });

  test('is too deep where a limit says so, and the parent goes on', () => {
    const tree = new TreeDriver(
      `
max_recursion_depth: 1
phases: [{ name: child, subworkflow: nested, on_failure: [{ errors: [MaxRecursionDepthExceededError], goto: last }] }, { name: last, task: Last }]
`,
      { definitions: { nested: 'phases: [{ name: deeper, subworkflow: leaf }]', leaf: LEAF } },
    );
    tree.deliverAll();
    expect(tree.root.state.current?.phase).toBe('last');
    expect(tree.node(childOf(tree)).state.failure).toMatchObject({
      type: 'MaxRecursionDepthExceededError',
      details: { current: 2, max: 1 },
    });
  });

  test('gets another id where the one drawn is taken', () => {
    const tree = new TreeDriver(ONE, { definitions: { leaf: LEAF } });
    const taken = tree.log[0]?.slice('start '.length) ?? '';
    tree.send(tree.rootId, { type: 'child_id_taken', instance_id: taken });
    tree.box.splice(0, 1);
    tree.deliverAll();
    expect(childOf(tree)).not.toBe(taken);
    tree.trigger(childOf(tree));
    tree.deliverAll();
    expect(tree.root.state.current?.phase).toBe('last');
  });

  test('is cancelled before what was done is compensated', () => {
    const tree = new TreeDriver(
      `
phases:
  - { name: book, task: Book, compensate: { activity: undo } }
  - { name: child, subworkflow: leaf }
`,
      { definitions: { leaf: LEAF } },
    );
    tree.trigger(tree.rootId);
    tree.deliverAll();
    tree.send(tree.rootId, { type: 'cancel_requested', reason: 'enough' });
    expect([...tree.root.inFlight]).toEqual([]);
    tree.deliverAll();
    expect(tree.node(childOf(tree)).state.status).toBe('cancelled');
    expect([...tree.root.inFlight]).toEqual(['compensate:book#1/book']);
    tree.complete(tree.rootId, 'compensate:book#1/book');
    expect(tree.root.state.status).toBe('cancelled');
  });

  test('is terminated where it does not end within a minute', () => {
    const tree = new TreeDriver(ONE, { definitions: { leaf: LEAF } });
    tree.deliverAll();
    const id = childOf(tree);
    tree.send(tree.rootId, { type: 'cancel_requested', reason: 'enough' });
    tree.box.length = 0; // the request is lost on a child that hangs
    tree.advance(59_000);
    expect(tree.node(id).terminated).toBe(false);
    tree.advance(1000);
    tree.deliverAll();
    expect(tree.node(id).terminated).toBe(true);
    expect(tree.root.state.status).toBe('cancelled');
  });
});

describe('a retry', () => {
  test('opens elements also where the run that failed had held them back', () => {
    const tree = new TreeDriver(
      'phases: [{ name: each, foreach: "[1, 2]", max_parallel: 1, subworkflow: leaf }]',
      { definitions: { leaf: LEAF } },
    );
    tree.deliverAll();
    tree.send(tree.rootId, { type: 'drain_requested', windows: true });
    tree.trigger(childOf(tree), { outcome: 'failed', error: { type: 'Broken', message: 'no' } });
    tree.deliverAll();
    expect(tree.root.state.status).toBe('failed');
    const { state, commands } = transition(tree.root.state, {
      type: 'retry_requested',
      at: tree.at,
      request: {},
    });
    expect(state.status).toBe('running');
    expect(commands.map(({ type }) => type)).toEqual(['start_child']);
  });
});

describe('a child that was asked for', () => {
  test('is answered at once, and the same request again gives the same one', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', { definitions: { leaf: LEAF } });
    const request = { schema_id: 'leaf', request_id: 'r1', context: { n: 1 } };
    expect(tree.create(tree.rootId, request)).toBeNull();
    expect(tree.create(tree.rootId, { ...request })).toBeNull();
    const other = { ...request, context: { n: 2 } };
    expect(tree.create(tree.rootId, other)).toMatchObject({
      type: 'InvalidInputError',
      message: expect.stringContaining('request_id r1 was used before with other content') as string,
    });
    tree.deliverAll();
    expect(tree.childrenOf(tree.rootId)).toHaveLength(1);
    tree.trigger(tree.rootId);
    expect(viewStatusInfo(tree.root.state)).toMatchObject({ status: 'running', waiting_for: 'children' });
    tree.trigger(childOf(tree));
    tree.deliverAll();
    expect(tree.root.state.status).toBe('completed');
  });

  test('is refused beyond max_children and depth, and nothing has happened', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', {
      definitions: { leaf: LEAF },
      resource_quota: { max_children: 1 },
    });
    tree.create(tree.rootId, { schema_id: 'leaf' });
    const before = tree.root.state;
    expect(tree.create(tree.rootId, { schema_id: 'leaf' })).toMatchObject({
      type: 'QuotaExceededError',
      details: { quota: 'max_children', limit: 1, used: 1, requested: 1 },
    });
    expect(tree.root.state).toBe(before);
  });
});

describe('quotas over a subtree', () => {
  test('what is asked for is set aside at once, and comes back with the end', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', {
      definitions: { leaf: LEAF },
      resource_quota: { max_tokens: 100 },
    });
    tree.create(tree.rootId, { schema_id: 'leaf', resource_quota: { max_tokens: 60 } });
    const left = (): number | undefined => leftOf(tree.root.state, 'max_tokens', tree.at);
    expect(left()).toBe(40);
    expect(tree.create(tree.rootId, { schema_id: 'leaf', resource_quota: { max_tokens: 41 } })).toMatchObject(
      {
        type: 'QuotaExceededError',
        details: { quota: 'max_tokens', limit: 100, used: 60, requested: 41 },
      },
    );
    tree.deliverAll();
    tree.trigger(childOf(tree), { usage: { tokens: 15, cost_usd: 1 } });
    tree.deliverAll();
    expect(left()).toBe(85);
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({ total_tokens: 15, total_cost_usd: 1 });
  });

  test('a child without one may use what its parent has left, and ends as that is used up', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', {
      definitions: { loop: 'phases: [{ name: work, task: Work, next: work }]' },
      resource_quota: { max_tokens: 100 },
    });
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.deliverAll();
    const id = childOf(tree);
    for (let n = 0; n < 4; n += 1) tree.trigger(id, { usage: { tokens: 30, cost_usd: 0 } });
    tree.deliverAll();
    expect(tree.node(id).state.failure).toMatchObject({ type: 'QuotaExceededError' });
    expect(tree.root.state).toMatchObject({ status: 'failed', failure: { type: 'QuotaExceededError' } });
  });

  test('one that pauses pauses what is below, and an extension lets all go on', () => {
    const tree = new TreeDriver('on_quota_exceeded: pause\nphases: [{ name: a, task: A }]', {
      definitions: { loop: 'phases: [{ name: work, task: Work, next: work }]' },
      resource_quota: { max_tokens: 100 },
    });
    tree.create(tree.rootId, { schema_id: 'loop', resource_quota: { max_tokens: 90 } });
    tree.deliverAll();
    const id = childOf(tree);
    tree.trigger(tree.rootId, { usage: { tokens: 200, cost_usd: 0 } });
    tree.deliverAll();
    expect(tree.node(id).state.paused).not.toBeNull();
    tree.send(tree.rootId, { type: 'quota_extended', quota: { max_tokens: 1000 } });
    tree.deliverAll();
    expect(tree.node(id).state.paused).toBeNull();
  });

  test('tokens without a price are told apart', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A, next: a }]');
    tree.trigger(tree.rootId, { usage: { tokens: 7 } });
    tree.trigger(tree.rootId, { usage: { tokens: 3, cost_usd: 0.5 } });
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({
      total_tokens: 10,
      total_cost_usd: 0.5,
      unpriced_tokens: 7,
    });
  });
});

describe('reports', () => {
  test('that come late change nothing', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', {
      definitions: { loop: 'phases: [{ name: work, task: Work, next: work }]' },
    });
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.deliverAll();
    const id = childOf(tree);
    const stale = makeReport(tree.node(id).state, tree.at);
    tree.trigger(id, { usage: { tokens: 5, cost_usd: 0 } });
    tree.advance(6000);
    tree.deliverAll();
    expect(viewTreeStatus(tree.root.state, tree.at).total_tokens).toBe(5);
    tree.send(tree.rootId, { type: 'child_reported', instance_id: id, report: stale });
    expect(viewTreeStatus(tree.root.state, tree.at).total_tokens).toBe(5);
  });

  test('a child that lives for a moment sends none; one that goes on tells within five seconds', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', {
      definitions: { two: 'phases: [{ name: x, task: X }, { name: y, task: Y }]' },
    });
    tree.create(tree.rootId, { schema_id: 'two' });
    tree.deliverAll();
    tree.trigger(childOf(tree), { usage: { tokens: 5, cost_usd: 0 } });
    tree.deliverAll();
    expect(tree.log.filter((line) => line.includes('report_subtree'))).toEqual([]);
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({ created_nodes: 2, total_tokens: 0 });
    tree.advance(5000);
    tree.deliverAll();
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({ running_nodes: 1, total_tokens: 5 });
    expect(viewTreeMonitor(tree.root.state, tree.at).children).toMatchObject([
      { status: 'running', current_phase: 'y', progress: 0.5, depth: 1 },
    ]);
  });

  test('a pause is told at once', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', { definitions: { leaf: LEAF } });
    tree.create(tree.rootId, { schema_id: 'leaf' });
    tree.deliverAll();
    tree.send(childOf(tree), { type: 'pause_requested', reason: null });
    tree.deliverAll();
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({ paused_nodes: 1 });
  });

  test('four thousand triggers in a child, in a hundred seconds, are a bounded number of signals', () => {
    const tree = new TreeDriver('phases: [{ name: a, task: A }]', {
      definitions: { loop: 'phases: [{ name: work, task: Work, next: work }]' },
      resource_quota: { max_tokens: 1_000_000 },
    });
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.deliverAll();
    const id = childOf(tree);
    for (let n = 0; n < 4000; n += 1) {
      tree.trigger(id, { usage: { tokens: 10, cost_usd: 0 } });
      tree.advance(25);
    }
    tree.deliverAll();
    expect(tree.log.filter((line) => line.includes('report_subtree')).length).toBeLessThanOrEqual(40);
  });
});

describe('messages', () => {
  test('go up and down, and stand in both histories', () => {
    const tree = new TreeDriver(
      'phases: [{ name: a, wait: { when: "size(messages) > 0" } }, { name: b, task: B }]',
      {
        definitions: { waits: 'phases: [{ name: w, wait: { when: "size(messages) > 0" } }]' },
      },
    );
    tree.create(tree.rootId, { schema_id: 'waits' });
    tree.deliverAll();
    const id = childOf(tree);
    tree.send(id, { type: 'publish_requested', data: { found: 3 } });
    tree.deliverAll();
    expect(tree.root.state.current?.phase).toBe('b');
    expect(tree.root.state.messages).toMatchObject([{ from: id, data: { found: 3 } }]);
    tree.send(tree.rootId, { type: 'message_requested', instance_id: id, data: { go: true } });
    tree.deliverAll();
    expect(tree.node(id).state.status).toBe('completed');
  });
});

describe('what is told of children', () => {
  test('an end that a pause has held is joined, however many have closed since', () => {
    const tree = new TreeDriver(ONE, { definitions: { leaf: LEAF } });
    tree.deliverAll();
    const first = childOf(tree);
    let last = '';
    for (let n = 0; n <= 1000; n += 1) {
      tree.create(tree.rootId, { schema_id: 'leaf' });
      tree.deliverAll();
      last = tree.childrenOf(tree.rootId).at(-1)?.id ?? '';
      if (n < 1000) tree.trigger(last);
    }
    tree.deliverAll();
    tree.send(tree.rootId, { type: 'pause_requested', reason: null });
    for (const id of [last, first]) {
      tree.trigger(id);
      tree.deliverAll();
    }
    tree.send(tree.rootId, { type: 'resume_requested' });
    expect(tree.root.state.current?.phase).toBe('last');
    expect(viewStatusInfo(tree.root.state)).toMatchObject({ child_count: 1002, completed_children: 1002 });
    expect(viewTreeStatus(tree.root.state, tree.at)).toMatchObject({
      total_nodes: 1003,
      completed_nodes: 1002,
    });
  });

  test.each([
    {},
    { info: { status: 'odd' }, figures: {}, as_of: 1 },
    { info: { status: 'running' }, figures: { nodes: { running: 'x' } }, as_of: 1 },
    {
      info: { status: 'running' },
      figures: { nodes: { running: 1 }, max_depth: 1, tokens: -5, cost_usd: 0 },
      as_of: 1,
    },
    { info: { status: 'running' }, figures: { nodes: { running: 1 }, max_depth: 1, tokens: 1, cost_usd: 0 } },
  ])('a report that nobody can reckon with is refused: %j', (report) => {
    expect(() => decodeReport([{ instance_id: 'wfi_000000000002', report }])).toThrow(/report/);
  });

  test('a report that would fill the state is refused', () => {
    const report = makeReport(new TreeDriver(ONE).root.state, 1);
    const info = { ...report.info, current_phase: 'x'.repeat(9000) };
    const sent = { instance_id: 'wfi_000000000002', report: { ...report, info } };
    expect(() => decodeReport([sent])).toThrow(/at most 8192 bytes/);
  });

  test('a report as an instance makes it is taken', () => {
    const report = makeReport(new TreeDriver(ONE).root.state, 1);
    const sent = { instance_id: 'wfi_000000000002', report: JSON.parse(JSON.stringify(report)) as object };
    expect(decodeReport([sent])).toEqual(sent);
  });
});
