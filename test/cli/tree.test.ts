/** `tree` and `watch --tree` on a server: what is drawn, what is printed, and how they end. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { WorkflowStatusInfo, WorkflowTreeMonitor } from '../../src/core/shapes.js';
import { startCli } from './start-cli.js';
import type { TestCli } from './start-cli.js';

const LEAF = '{ name: leaf, version: "1", phases: [{ name: work, task: Work }] }';

/** Three levels: a root, two of `middle`, below each a `leaf`. */
const TREE = `
name: top
version: "1"
phases:
  - name: split
    foreach: "[1, 2]"
    subworkflow: { name: middle, version: "1", phases: [{ name: pass_on, subworkflow: ${LEAF} }] }
`;

let cli: TestCli;

beforeAll(async () => {
  cli = await startCli();
});

afterAll(async () => {
  await cli?.stop();
});

async function readTree(id: string, ...options: readonly string[]): Promise<WorkflowTreeMonitor> {
  const { code, json } = await cli.run('tree', id, ...options);
  expect(code).toBe(0);
  return json as WorkflowTreeMonitor;
}

/** Starts one, and waits until both leaves wait for their agent. */
async function grow(): Promise<{ id: string; middles: readonly string[]; leaves: readonly string[] }> {
  const id = await cli.start(TREE);
  const leaves = await vi.waitFor(
    async () => {
      const found = (await readTree(id)).children.flatMap(({ children = [] }) => children);
      expect(found.map(({ waiting_for }) => waiting_for)).toEqual(['agent', 'agent']);
      return found;
    },
    { timeout: 30_000, interval: 200 },
  );
  const { children } = await readTree(id);
  const ids = (infos: readonly WorkflowStatusInfo[]) => infos.map(({ instance_id }) => instance_id);
  return { id, middles: ids(children), leaves: ids(leaves) };
}

describe('tree', () => {
  test('draws each instance with phase, status, tokens, cost and age, on branches', async () => {
    const { id, middles, leaves } = await grow();
    await cli.engine.triggerNextStep(leaves[0] ?? '', { usage: { tokens: 900, cost_usd: 0.02 } });
    // Its lines are as new as can be; the sum lags, by up to five seconds a level.
    const told = async () =>
      expect(await readTree(id)).toMatchObject({
        children: [{ status: 'completed', usage: { tokens: 900 } }, {}],
        tree_status: { total_nodes: 5, completed_nodes: 2, max_depth: 2 },
      });
    await vi.waitFor(told, { timeout: 20_000, interval: 200 });
    const age = '\\d+ (s|min \\d+ s)';
    const open = `waiting for \\w+  0 tokens  0 USD  ${age}`;
    const done = `900 tokens  0\\.02 USD  ${age}`;
    const expected = [
      `${id}  running  split  waiting for children  ${done}`,
      `├─ ${middles[0]}  completed  \\S+  ${done}`,
      `│  └─ ${leaves[0]}  completed  \\S+  ${done}`,
      `└─ ${middles[1]}  running  pass_on  ${open}`,
      `   └─ ${leaves[1]}  created  work  ${open}`,
      '',
      'running: 5 instances \\(.*2 completed\\), depth 2, 900 tokens, 0\\.02 USD',
    ];
    const lines = (await cli.text('tree', id)).out.trimEnd().split('\n');
    expect(lines).toEqual(expected.map((line): unknown => expect.stringMatching(new RegExp(`^${line}$`))));
  });

  test('with --json is one document, in which children carry their children', async () => {
    const { id, middles, leaves } = await grow();
    const { root, children, tree_status } = await readTree(id);
    expect(root).toMatchObject({ instance_id: id, depth: 0, child_count: 2 });
    expect(children).toMatchObject(
      middles.map((middle, at) => ({
        instance_id: middle,
        depth: 1,
        children: [{ instance_id: leaves[at], depth: 2, current_phase: 'work', child_count: 0 }],
      })),
    );
    expect(tree_status.root_instance_id).toBe(id);
  });

  test('begins at any instance of a tree', async () => {
    const { middles, leaves } = await grow();
    const { root, children } = await readTree(middles[1] ?? '');
    expect(root).toMatchObject({ instance_id: middles[1], depth: 1 });
    expect(children).toMatchObject([{ instance_id: leaves[1] }]);
  });

  test('--depth says how many levels; below the last one they are counted', async () => {
    const { id, middles } = await grow();
    // One level is what the children have told, within five seconds.
    const told = async () =>
      expect((await readTree(id, '--depth', '1')).children).toMatchObject([
        { child_count: 1 },
        { child_count: 1 },
      ]);
    await vi.waitFor(told, { timeout: 20_000, interval: 200 });
    const { out } = await cli.text('tree', id, '--depth', '1');
    const names = out.split('\n').map((line) => line.replace(/(wfi_\w+).*/, '$1'));
    expect(names.slice(0, 5)).toEqual([
      id,
      `├─ ${middles[0]}`,
      '│  └─ 1 more',
      `└─ ${middles[1]}`,
      '   └─ 1 more',
    ]);
    expect((await cli.text('tree', id, '--depth', '0')).out).toContain('\n└─ 2 more\n');
  });

  test('of an instance that nobody knows exits 3', async () => {
    expect(await cli.run('tree', 'wfi_000000000000')).toMatchObject({
      code: 3,
      json: { error: { type: 'InstanceNotFoundError' } },
    });
  });

  test('--depth takes a whole number from 0 up', async () => {
    expect((await cli.run('tree', 'wfi_000000000000', '--depth', '-1')).code).toBe(2);
  });
});

describe('watch --tree', () => {
  test('prints a document a change, and ends with the root: 0 where it completed', async () => {
    const { id, middles, leaves } = await grow();
    const { seen, code } = cli.follow('watch', id, '--tree');
    const last = () => seen().at(-1) as WorkflowTreeMonitor | undefined;
    await vi.waitFor(() => expect(seen()).not.toHaveLength(0), { timeout: 20_000 });
    await cli.engine.triggerNextStep(leaves[0] ?? '', { usage: { tokens: 7, cost_usd: 0.1 } });
    await vi.waitFor(
      () => expect(last()?.children[0]).toMatchObject({ instance_id: middles[0], status: 'completed' }),
      { timeout: 20_000 },
    );
    await cli.engine.triggerNextStep(leaves[1] ?? '');
    expect(await code).toBe(0);
    const documents = seen() as readonly WorkflowTreeMonitor[];
    const essences = documents.map(({ root, children }) => JSON.stringify({ root, children }));
    expect(new Set(essences).size).toBe(essences.length);
    expect(last()).toMatchObject({
      root: { instance_id: id, status: 'completed', completed_children: 2 },
      tree_status: { status: 'completed', total_nodes: 5, completed_nodes: 5, total_tokens: 7 },
      children: [{ children: [{ instance_id: leaves[0] }] }, { children: [{ instance_id: leaves[1] }] }],
    });
  });

  test('exits 1 where the root was terminated, with all below it', async () => {
    const { id } = await grow();
    // What nobody has told of yet, nobody can count: a terminate lets no code run any more.
    const told = async () => expect((await readTree(id)).tree_status.total_nodes).toBe(5);
    await vi.waitFor(told, { timeout: 20_000, interval: 200 });
    await cli.engine.terminateWorkflowTree(id, 'enough');
    const { seen, code } = cli.follow('watch', id, '--tree');
    expect(await code).toBe(1);
    expect(seen().at(-1)).toMatchObject({
      root: { status: 'terminated' },
      tree_status: { status: 'terminated', terminated_nodes: 5, running_nodes: 0, created_nodes: 0 },
    });
  });
});
