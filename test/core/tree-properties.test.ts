/** What must hold of every tree, in whatever order things arrive and whatever is ended from outside. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/command.js';
import { findBreach, leftOf, SUBTRACTED } from '../../src/core/quota.js';
import type { SubworkflowRequest } from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import { childrenOf, figuresOf } from '../../src/core/tree-figures.js';
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
  if (findBreach(state, at) !== null)
    expect(commands.filter(isWork), `${id}: a quota that is reached starts nothing`).toEqual([]);
  if (before.paused && state.paused)
    expect(commands.filter(isWork), `${id}: nothing starts in a pause`).toEqual([]);
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
    const hasChild = child !== undefined && (child.stage !== 'closed' || isHeld);
    const waitsForRoom = task.refusal !== undefined && state.paused !== null;
    expect(hasChild || waitsForRoom, `${task.id} has a child, or waits in a pause for room`).toBe(true);
  }
  if (state.closed_at !== null)
    expect(
      childrenOf(state).every(({ stage }) => stage === 'closed'),
      `${id} has closed with all below it`,
    ).toBe(true);
}

type Quota = 'max_tokens' | 'max_cost_usd';

/** Reckoned from what each node has spent itself, whatever those above have heard of it. */
function spentIn(tree: TreeDriver, node: Node, quota: Quota): number {
  const { tokens, cost_usd } = node.state.usage;
  const own = quota === 'max_tokens' ? tokens : cost_usd;
  return tree.childrenOf(node.id).reduce((sum, child) => sum + spentIn(tree, child, quota), own);
}

/** What children have of their own and not used, whoever has granted it: by their own word, and as they were asked for. */
function heldBelow(tree: TreeDriver, node: Node, quota: Quota): number {
  let sum = 0;
  for (const child of tree.childrenOf(node.id)) {
    if (!tree.isOpen(child)) continue;
    const isOwn = child.state.quota_granted?.[quota] !== undefined;
    const own = child.state.resource_quota[quota] ?? 0;
    sum += isOwn ? Math.max(0, own - spentIn(tree, child, quota)) : heldBelow(tree, child, quota);
  }
  for (const { id, stage, request } of childrenOf(node.state))
    if (stage !== 'closed' && !tree.nodes.has(id)) sum += request?.grant.own[quota] ?? 0;
  return sum;
}

/** With nothing on its way, every level knows what is: what is left is the limit less what was spent and set aside. */
function checkStandstill(tree: TreeDriver): void {
  for (const node of tree.nodes.values()) {
    if (!tree.isOpen(node)) continue;
    const { state, id } = node;
    for (const quota of SUBTRACTED) {
      const limit = state.resource_quota[quota];
      if (limit === undefined) continue;
      const spent = spentIn(tree, node, quota);
      const left = Math.max(0, limit - spent - heldBelow(tree, node, quota));
      expect(leftOf(state, quota, tree.at), `${id}: left of ${quota}`).toBeCloseTo(left, 6);
      const isStopped = state.paused !== null || (state.ending !== null && state.ending.stage !== 'drain');
      if (spent >= limit) expect(isStopped, `${id}: ${spent} of ${limit} stops it`).toBe(true);
      const above = node.parent === null ? undefined : tree.node(node.parent).state.resource_quota[quota];
      // A limit that was set where there was none reaches those below by their parent alone.
      if (above !== undefined && state.quota_above?.[quota] !== undefined)
        expect(limit, `${id}: no more of ${quota} than above`).toBeLessThanOrEqual(above);
    }
    if (!state.paused?.by_quota) continue;
    for (const below of openBelow(tree, node))
      expect(below.state.paused, `${below.id}: the quota of ${id} pauses it`).not.toBeNull();
  }
}

function openBelow(tree: TreeDriver, node: Node): Node[] {
  return tree
    .childrenOf(node.id)
    .filter((child) => tree.isOpen(child))
    .flatMap((child) => [child, ...openBelow(tree, child)]);
}

/** Everything is delivered, and every report that was due has been made: a level takes 5 seconds. */
function standStill(tree: TreeDriver): void {
  for (let level = 0; level < 5; level += 1) {
    tree.deliverAll();
    tree.advance(5000);
  }
  tree.deliverAll();
}

/** With no lag from below, what is granted was there: what children of children have set aside of the same limit is not. */
function checkGrant(tree: TreeDriver, parentId: string, quota: Quota, wanted: number): void {
  const node = tree.node(parentId);
  const limit = node.state.resource_quota[quota];
  if (limit === undefined) return;
  const taken = spentIn(tree, node, quota) + heldBelow(tree, node, quota);
  expect(taken + wanted, `${node.id}: ${wanted} of ${limit} was there`).toBeLessThanOrEqual(limit + 1e-6);
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

const choice = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000));
const POLICIES = ['fail', 'pause'] as const;
const LIMITS_OF_ROOT = [undefined, { max_tokens: 60 }, { max_tokens: 200, max_cost_usd: 6 }] as const;

function plant(policy: string, quota: (typeof LIMITS_OF_ROOT)[number]): TreeDriver {
  const tree = new TreeDriver(ROOT.replace('POLICY', policy), {
    definitions: DEFINITIONS,
    ...(quota === undefined ? {} : { resource_quota: { ...quota, max_children: 4 } }),
  });
  tree.check = (node, before, commands) => checkNode(node, before, commands, tree.at);
  return tree;
}

describe('random trees', () => {
  test('join each child once, balance their quotas, and end with exact figures', () => {
    fc.assert(
      fc.property(
        fc.array(choice, { minLength: 5, maxLength: 80 }),
        fc.constantFrom(...POLICIES),
        fc.constantFrom(...LIMITS_OF_ROOT),
        (choices, policy, quota) => {
          const tree = plant(policy, quota);
          for (const one of choices) step(tree, one);
          standStill(tree);
          checkStandstill(tree);
          finish(tree);
          expect(tree.isOpen(tree.root), 'the root has ended').toBe(false);
          checkEnd(tree);
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test('grant no more than there is, and stop at each limit, wherever it was set', () => {
    fc.assert(
      fc.property(
        fc.array(choice, { minLength: 5, maxLength: 30 }),
        fc.constantFrom(...POLICIES),
        fc.constantFrom(...LIMITS_OF_ROOT),
        (choices, policy, quota) => {
          const tree = plant(policy, quota);
          for (const one of choices) {
            stepInCalm(tree, one);
            standStill(tree);
            checkStandstill(tree);
          }
        },
      ),
      { numRuns: Math.ceil(RUNS / 3), seed: SEED },
    );
  });
});

/** Of four steps one asks for a child with a quota of its own. */
function stepInCalm(tree: TreeDriver, [what, whom, amount]: Choice): void {
  const open = [...tree.nodes.values()].filter((node) => tree.isOpen(node));
  const node = open[whom % Math.max(1, open.length)];
  if (what % 4 !== 0 || node === undefined) {
    step(tree, [what, whom, amount]);
    return;
  }
  const wanted = (amount % 120) + 1;
  const resource_quota = amount % 2 === 0 ? { max_tokens: wanted } : { max_cost_usd: wanted / 20 };
  const request: SubworkflowRequest = { schema_id: 'loop', resource_quota };
  if (transition(node.state, { type: 'subworkflow_requested', via: 'update', request, at: tree.at }).refusal)
    return;
  if (amount % 2 === 0) checkGrant(tree, node.id, 'max_tokens', wanted);
  else checkGrant(tree, node.id, 'max_cost_usd', wanted / 20);
  tree.create(node.id, request);
}

/** What the root says is what is, of what was ended from outside, too. */
function checkEnd(tree: TreeDriver): void {
  for (const node of tree.nodes.values())
    expect(tree.isOpen(node), `${node.id} is open below a closed root`).toBe(false);
  if (tree.root.terminated) return;
  const { nodes, tokens, cost_usd } = figuresOf(tree.root.state);
  const all = [...tree.nodes.values()];
  expect(tokens, 'tokens of the tree').toBe(spentIn(tree, tree.root, 'max_tokens'));
  expect(cost_usd, 'cost of the tree').toBeCloseTo(spentIn(tree, tree.root, 'max_cost_usd'), 6);
  const count = (status: string): number =>
    all.filter(({ state, terminated }) => (terminated ? 'terminated' : state.status) === status).length;
  expect(nodes.completed ?? 0, 'completed').toBe(count('completed'));
  expect(nodes.cancelled ?? 0, 'cancelled').toBe(count('cancelled'));
  expect(nodes.terminated ?? 0, 'terminated').toBe(count('terminated'));
  expect(nodes.failed ?? 0, 'failed').toBe(count('failed') + tree.stillborn.size);
}
