/** Reports of children: what a run of the parent hears is bounded, however long they are open and whatever they do. */
import { describe, expect, test } from 'vitest';
import { askedPace } from '../../src/core/report-pace.js';
import { TreeDriver } from '../support/tree-driver.js';

const LOOP = 'phases: [{ name: turn, task: Turn, next: [{ goto: turn }] }]';
const ROOT = `
phases:
  - name: split
    execution_strategy: concurrent
    tasks: [{ name: parts, foreach: "[0, 1, 2]", subworkflow: loop }]
  - { name: wait, task: Wait }
`;

const treeOf = (engine_version?: number) => {
  const tree = new TreeDriver(ROOT, {
    definitions: { loop: LOOP },
    ...(engine_version === undefined ? {} : { engine_version }),
  });
  tree.deliverAll();
  return tree;
};
const reportsIn = (tree: TreeDriver): number =>
  tree.log.filter((line) => line.includes('report_subtree')).length;

describe('a child that is paused and resumed all the time', () => {
  test.each([
    [7, 600, 600],
    [8, 50, 152],
  ])('tells its parent of it in version %i at least %i and at most %i times', (version, least, most) => {
    const tree = treeOf(version);
    const [child] = tree.childrenOf(tree.rootId);
    for (let round = 0; round < 300; round += 1) {
      tree.send(child?.id ?? '', { type: 'pause_requested', reason: null });
      tree.deliverAll();
      tree.send(child?.id ?? '', { type: 'resume_requested' });
      tree.deliverAll();
      tree.advance(333);
      tree.deliverAll();
    }
    expect(reportsIn(tree)).toBeGreaterThanOrEqual(least);
    expect(reportsIn(tree)).toBeLessThanOrEqual(most);
  });
});

describe('a parent that has heard much', () => {
  const hear = (tree: TreeDriver, times: number): void => {
    const [child] = tree.childrenOf(tree.rootId);
    for (let n = 0; n < times; n += 1) {
      const report = tree.root.state.children?.[child?.id ?? '']?.report;
      if (!report) throw new Error('the child has told something');
      tree.send(tree.rootId, { type: 'child_reported', instance_id: child?.id ?? '', report });
    }
    tree.deliverAll();
  };
  const begin = () => {
    const tree = treeOf();
    const [child] = tree.childrenOf(tree.rootId);
    tree.trigger(child?.id ?? '');
    tree.advance(5000);
    tree.deliverAll();
    return { tree, child };
  };

  test('asks all that are open for less, and those that come later', () => {
    const { tree, child } = begin();
    hear(tree, 1000 - (tree.root.state.heard_reports ?? 0));
    for (const { state } of tree.childrenOf(tree.rootId)) expect(state.report_sec).toBe(30);
    const before = reportsIn(tree);
    tree.trigger(child?.id ?? '', { usage: { tokens: 1 } });
    tree.advance(25_000);
    tree.deliverAll();
    expect(reportsIn(tree)).toBe(before);
    tree.advance(6000);
    tree.deliverAll();
    expect(reportsIn(tree)).toBe(before + 1);
    tree.create(tree.rootId, { schema_id: 'loop' });
    tree.deliverAll();
    expect(tree.childrenOf(tree.rootId).at(-1)?.state.report_sec).toBe(30);
  });

  test('asks for ever less, in few words', () => {
    const { tree } = begin();
    hear(tree, 8000);
    for (const { state } of tree.childrenOf(tree.rootId)) expect(state.report_sec).toBe(86_400);
    expect(tree.log.filter((line) => line.includes('slow_reports'))).toHaveLength(3 * 5);
  });

  test('hears a thousand children for a year within the signals of one run', () => {
    const children = 1000;
    const year = 365 * 86_400;
    let heard = 0;
    for (let second = 0; second < year;) {
      const pace = askedPace(heard) ?? 5;
      heard += children;
      second += pace;
      if (pace === 86_400) break;
    }
    expect(heard).toBeLessThanOrEqual(8000);
  });
});
