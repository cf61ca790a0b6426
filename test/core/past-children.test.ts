/** What an instance still knows of children that have closed, and what those that wait begin with. */
import { describe, expect, test } from 'vitest';
import { TreeDriver } from '../support/tree-driver.js';

const LEAF = 'phases: [{ name: work, task: Work }]\nresult: { n: variables.n }';
const WAITS = 'phases: [{ name: work, task: Work }]';

describe('a child that has closed', () => {
  test('is given again to the same request', () => {
    const tree = new TreeDriver(WAITS, { definitions: { leaf: LEAF } });
    tree.create(tree.rootId, { schema_id: 'leaf', request_id: 'r', context: { n: 1 } });
    tree.deliverAll();
    tree.trigger(tree.childrenOf(tree.rootId)[0]?.id ?? '');
    tree.deliverAll();
    expect(tree.root.state.children).toEqual({});
    tree.create(tree.rootId, { schema_id: 'leaf', request_id: 'r', context: { n: 1 } });
    tree.deliverAll();
    expect(tree.childrenOf(tree.rootId)).toHaveLength(1);
  });

  test('shows its result to expressions', () => {
    const tree = new TreeDriver(
      'phases: [{ name: wait, wait: { when: "children.exists(c, c.status == \'completed\' && c.result.n == 3)" } }, { name: last, task: Last }]',
      { definitions: { leaf: LEAF } },
    );
    tree.create(tree.rootId, { schema_id: 'leaf', context: { n: 3 } });
    tree.deliverAll();
    tree.trigger(tree.childrenOf(tree.rootId)[0]?.id ?? '');
    tree.deliverAll();
    expect(tree.root.state.current?.phase).toBe('last');
  });

  test('stays whole in an instance of version 5', () => {
    const tree = new TreeDriver(WAITS, { definitions: { leaf: LEAF }, engine_version: 5 });
    tree.create(tree.rootId, { schema_id: 'leaf', context: { n: 1 } });
    tree.deliverAll();
    const [child] = tree.childrenOf(tree.rootId);
    tree.trigger(child?.id ?? '');
    tree.deliverAll();
    expect(tree.root.state.children?.[child?.id ?? '']).toMatchObject({ stage: 'closed', result: { n: 1 } });
    expect(tree.root.state.past_children).toBeUndefined();
  });
});

describe('a child of a task that waits for its start', () => {
  test('has its own context and meta over what it inherits', () => {
    const tree = new TreeDriver(
      'phases: [{ name: child, subworkflow: leaf, context: { own: 1, shared: over }, meta: { tier: 2 } }]',
      { definitions: { leaf: LEAF }, context: { shared: 'under', n: 1 } },
    );
    tree.deliverAll();
    const [child] = tree.childrenOf(tree.rootId);
    expect(child?.state.variables).toEqual({ shared: 'over', own: 1, n: 1 });
    expect(child?.state.meta).toEqual({ tier: 2 });
  });

  test.each([
    [5, 'old'],
    [6, 'new'],
  ])('inherits in version %i what was %s', (engine_version, late) => {
    const tree = new TreeDriver(
      `
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: many, foreach: "${JSON.stringify(Array.from({ length: 60 }, (_, index) => index))}", max_parallel: 60, subworkflow: leaf }
      - { name: change, task: Change, outputs: { late: "'new'" } }
`,
      { definitions: { leaf: LEAF }, context: { late: 'old', n: 1 }, engine_version },
    );
    // Fifty start with the first event; the others wait for the next.
    expect(tree.log).toHaveLength(50);
    tree.trigger(tree.rootId, { task: 'change' });
    tree.deliverAll();
    const lates = tree.childrenOf(tree.rootId).map(({ state }) => state.variables['late']);
    expect(lates).toHaveLength(60);
    expect(lates.at(-1)).toBe(late);
    expect(lates[0]).toBe('old');
  });
});

describe('the output of a phase that was one foreach', () => {
  const AGAIN = `
phases:
  - { name: each, foreach: "[1, 2]", task: Work, max_visits: 2 }
  - name: look
    task: Look
    outputs: { seen: phases.each.output }
    next: [{ when: trigger.again, goto: each }, { goto: last }]
  - { name: last, task: Last }
`;

  test('is there once it has been left, and not while it is visited again', () => {
    const tree = new TreeDriver(AGAIN);
    for (const n of [1, 2]) tree.trigger(tree.rootId, { task: `each#1/each[${n - 1}]`, trigger_data: { n } });
    expect(tree.root.state.phases['each']).toMatchObject({ output_in_task: true });
    tree.trigger(tree.rootId, { task: 'look', trigger_data: { again: true } });
    expect(tree.root.state.variables['seen']).toEqual([{ n: 1 }, { n: 2 }]);
    expect(tree.root.state.phases['each']?.output_in_task).toBeUndefined();
    for (const n of [3, 4]) tree.trigger(tree.rootId, { task: `each#2/each[${n - 3}]`, trigger_data: { n } });
    tree.trigger(tree.rootId, { task: 'look', trigger_data: { again: false } });
    expect(tree.root.state.variables['seen']).toEqual([{ n: 3 }, { n: 4 }]);
  });

  test('holds what had closed, where it runs on beside the phases', () => {
    const tree = new TreeDriver(`
phases:
  - name: each
    execution_strategy: concurrent
    join: any
    tasks: [{ name: some, task: Some }, { name: rest, foreach: "[1, 2]", task: Rest }]
  - { name: look, task: Look, outputs: { seen: phases.each.output.rest } }
  - { name: last, task: Last }
`);
    tree.trigger(tree.rootId, { task: 'some' });
    tree.trigger(tree.rootId, { task: 'look' });
    expect(tree.root.state.variables['seen']).toEqual([null, null]);
  });
});

test('of results that no task waits for only the last are kept, within 256 KiB', () => {
  const tree = new TreeDriver('phases: [{ name: a, task: A, next: a }]', {
    definitions: { wide: 'phases: [{ name: work, task: Work, outputs: { text: trigger.text } }]' },
  });
  const text = 'x'.repeat(30_000);
  for (let n = 0; n < 40; n += 1) {
    expect(tree.create(tree.rootId, { schema_id: 'wide', context: {} })).toBeNull();
    tree.deliverAll();
    const child = [...tree.nodes.keys()].at(-1) ?? '';
    tree.trigger(child, { trigger_data: { text } });
    tree.deliverAll();
  }
  const { last = [] } = tree.root.state.past_children ?? {};
  expect(last.map(({ status }) => status)).toEqual(Array(40).fill('completed'));
  expect(last.map(({ result }) => result !== undefined)).toEqual([
    ...Array<boolean>(32).fill(false),
    ...Array<boolean>(8).fill(true),
  ]);
  expect(tree.trigger(tree.rootId, {})).toBeNull();
});
