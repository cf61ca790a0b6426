/** What must hold of every tree, in whatever order things arrive and whatever is ended from outside. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/command.js';
import { findBreach, leftOf, usedOf } from '../../src/core/quota.js';
import type { InstanceState } from '../../src/core/state.js';
import { childrenOf, figuresOf, figuresOfChild } from '../../src/core/tree-figures.js';
import { TreeDriver, type Node } from '../support/tree-driver.js';

const RUNS = Number(process.env['CHATFLOW_PROPERTY_RUNS'] ?? 150);
const SEED = Number(process.env['CHATFLOW_PROPERTY_SEED'] ?? 1);

const DEFINITIONS = {
  leaf: 'phases: [{ name: work, task: Work }]',
  loop: 'max_recursion_depth: 3\nphases: [{ name: work, task: Work, max_visits: 3, on_max_visits: over, next: work }, { name: over, task: Over }]',
  fan: `
default_resource_quota: { max_tokens: 400 }
phases:
  - name: fan
    tasks:
      - { name: each, subworkflow: leaf, foreach: "[1, 2, 3]", max_parallel: 2, on_failure: continue, resource_quota: { max_tokens: 20 } }
  - { name: done, task: Done }
`,
  deep: `
phases:
  - name: both
    execution_strategy: parallel
    join: any
    tasks:
      - { name: one, subworkflow: fan, on_failure: continue, retry: { max_attempts: 2, initial_interval_sec: 1 } }
      - { name: two, subworkflow: loop, on_failure: continue }
  - { name: after, executor: { activity: go }, compensate: { activity: undo } }
`,
};

const ROOT = `
on_quota_exceeded: POLICY
phases:
  - { name: top, tasks: [{ name: deep, subworkflow: deep, on_failure: continue }] }
  - { name: more, task: More }
`;

type Choice = readonly [number, number, number];

/** One step, by three numbers: what is done, to whom, how much. */
function step(tree: TreeDriver, [what, whom, amount]: Choice): void {
  const open = [...tree.nodes.values()].filter((node) => tree.isOpen(node));
  const node = open[whom % Math.max(1, open.length)];
  if (node === undefined) return;
  const usage = { tokens: amount % 40, ...(amount % 3 === 0 ? {} : { cost_usd: (amount % 7) / 10 }) };
  switch (what % 16) {
    case 0:
      tree.terminate(node.id);
      return;
    case 1:
      tree.send(node.id, { type: 'cancel_requested', reason: 'enough' });
      return;
    case 2:
      tree.create(node.id, {
        schema_id: ['leaf', 'loop', 'nowhere'][amount % 3] ?? 'leaf',
        ...(amount % 2 === 0 ? { resource_quota: { max_tokens: (amount % 30) + 1 } } : {}),
        on_failure: amount % 5 === 0 ? 'fail' : 'continue',
      });
      return;
    case 3:
      tree.send(node.id, { type: 'pause_requested', reason: null, tree: amount % 2 === 0 });
      return;
    case 4:
    case 5:
      tree.send(node.id, { type: 'resume_requested', tree: amount % 2 === 0 });
      return;
    case 6:
      tree.send(node.id, { type: 'quota_extended', quota: { max_tokens: 1000 + amount } });
      return;
    case 7:
      tree.advance(amount * 100);
      return;
    case 8:
      tree.continueAsNew(node.id);
      return;
    case 9: {
      const [key] = node.inFlight;
      if (key !== undefined) tree.complete(node.id, key, { usage });
      return;
    }
    case 10:
    case 11:
    case 12:
      if (tree.box.length > 0) tree.deliver(amount);
      return;
    case 13:
      tree.trigger(node.id, { outcome: 'failed', usage });
      return;
    default:
      tree.trigger(node.id, { usage });
  }
}

/** Whether a command starts work: not what ends it, tells of it or undoes it. */
function isWork(command: Command): boolean {
  if (command.type === 'start_child') return true;
  return command.type === 'schedule_activity' && command.activity === 'go';
}

function checkNode(
  { state, id }: Node,
  before: InstanceState,
  commands: readonly Command[],
  at: number,
): void {
  for (const quota of ['max_tokens', 'max_cost_usd'] as const) {
    const limit = state.resource_quota[quota];
    const left = leftOf(state, quota, at);
    if (limit === undefined || left === undefined) continue;
    expect(left, `${id}: what remains`).toBeGreaterThanOrEqual(0);
    const aside = setAside(state, quota);
    const used = usedOf(state, quota, at);
    expect(left, `${id}: limit = used + set aside + left`).toBeCloseTo(Math.max(0, limit - used - aside), 6);
  }
  if (findBreach(state, at) !== null && findBreach(before, at) !== null)
    expect(commands.filter(isWork), `${id}: a quota that is reached starts nothing`).toEqual([]);
  const closed = childrenOf(state).filter(({ stage }) => stage === 'closed');
  for (const child of closed) {
    expect(state.queue, `${child.id} is over`).not.toContain(`child:${child.id}`);
    expect(state.deadlines[`kill:${child.id}`], `${child.id} is over`).toBeUndefined();
  }
  for (const task of Object.values(state.tasks)) {
    if (task.kind !== 'subworkflow' || task.foreach || task.status !== 'open' || task.waits !== 'children')
      continue;
    const child = state.children?.[task.child ?? ''];
    const isHeld = state.held.some(
      (event) => event.type === 'child_closed' && event.instance_id === child?.id,
    );
    expect(child !== undefined && (child.stage !== 'closed' || isHeld), `${task.id} has a child`).toBe(true);
  }
  if (state.closed_at !== null)
    expect(
      childrenOf(state).every(({ stage }) => stage === 'closed'),
      `${id} has closed with all below it`,
    ).toBe(true);
}

function setAside(state: InstanceState, quota: 'max_tokens' | 'max_cost_usd'): number {
  let sum = 0;
  for (const child of childrenOf(state)) {
    const granted = child.set_aside?.[quota];
    if (granted === undefined || child.stage === 'closed') continue;
    const { tokens, cost_usd } = figuresOfChild(state, child);
    sum += Math.max(0, granted - (quota === 'max_tokens' ? tokens : cost_usd));
  }
  return sum;
}

/** Brings the tree to its end: all is delivered, time passes, and the root is cancelled. */
function finish(tree: TreeDriver): void {
  for (let round = 0; round < 300 && tree.isOpen(tree.root); round += 1) {
    tree.deliverAll();
    for (const node of tree.nodes.values()) {
      const [key] = node.inFlight;
      if (key !== undefined) tree.complete(node.id, key);
    }
    if (round === 3) tree.send(tree.rootId, { type: 'cancel_requested', reason: 'finish' });
    tree.advance(61_000);
  }
  tree.deliverAll();
}

describe('random trees', () => {
  test('join each child once, balance their quotas, and end with exact figures', () => {
    const choice = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000));
    fc.assert(
      fc.property(
        fc.array(choice, { minLength: 5, maxLength: 80 }),
        fc.constantFrom('fail', 'pause'),
        fc.constantFrom(undefined, 60, 200),
        (choices, policy, max_tokens) => {
          const tree = new TreeDriver(ROOT.replace('POLICY', policy), {
            definitions: DEFINITIONS,
            ...(max_tokens === undefined ? {} : { resource_quota: { max_tokens, max_children: 4 } }),
          });
          tree.check = (node, before, commands) => checkNode(node, before, commands, tree.at);
          for (const one of choices) step(tree, one);
          finish(tree);
          expect(tree.isOpen(tree.root), 'the root has ended').toBe(false);
          checkEnd(tree);
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

/** What the root says is what is; of what was ended from outside, what it had told. */
function checkEnd(tree: TreeDriver): void {
  for (const node of tree.nodes.values())
    expect(tree.isOpen(node), `${node.id} is open below a closed root`).toBe(false);
  if (tree.root.terminated || [...tree.nodes.values()].some(({ terminated }) => terminated)) return;
  const { nodes, tokens } = figuresOf(tree.root.state);
  const all = [...tree.nodes.values()];
  const spent = all.reduce((sum, { state }) => sum + state.usage.tokens, 0);
  expect(tokens, 'tokens of the tree').toBe(spent);
  const count = (status: string): number => all.filter(({ state }) => state.status === status).length;
  expect(nodes.completed ?? 0, 'completed').toBe(count('completed'));
  expect(nodes.cancelled ?? 0, 'cancelled').toBe(count('cancelled'));
  expect(nodes.failed ?? 0, 'failed').toBe(count('failed') + tree.stillborn);
}
