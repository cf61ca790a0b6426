/** What the index knows of a terminated tree, with what only its own last state knows. */
import { describe, expect, test } from 'vitest';
import { mergeInfo, mergeTree } from '../../src/client/read-indexed-tree.js';
import type { WorkflowStatusInfo, WorkflowTreeStatus } from '../../src/core/shapes.js';
import { treeStatusOf } from '../../src/core/views.js';

const treeWith = (figures: {
  tokens: number;
  cost_usd: number;
  unpriced_tokens?: number;
}): WorkflowTreeStatus =>
  treeStatusOf(
    'wfi_000000000001',
    { nodes: { terminated: 2 }, max_depth: 1, ...figures },
    { from: 0, until: 1, asOf: 1 },
  );

describe('the sum of a terminated tree', () => {
  test('has the larger of both figures, for each of them lags in its way', () => {
    const merged = mergeTree(
      treeWith({ tokens: 10, cost_usd: 0.5 }),
      treeWith({ tokens: 7, cost_usd: 0.75 }),
    );
    expect(merged).toMatchObject({ total_tokens: 10, total_cost_usd: 0.75, terminated_nodes: 2 });
    expect(merged).not.toHaveProperty('unpriced_tokens');
  });

  test('tells tokens without a price where the state knows of them', () => {
    const indexed = treeWith({ tokens: 10, cost_usd: 0.5 });
    const asked = treeWith({ tokens: 10, cost_usd: 0.5, unpriced_tokens: 4 });
    expect(mergeTree(indexed, asked)).toMatchObject({ unpriced_tokens: 4 });
  });

  test('is the index alone where nobody could be asked', () => {
    const indexed = treeWith({ tokens: 10, cost_usd: 0, unpriced_tokens: 10 });
    expect(mergeTree(indexed, null)).toEqual(indexed);
  });
});

describe('a node of a terminated tree', () => {
  const info = (rest: Partial<WorkflowStatusInfo>): WorkflowStatusInfo => ({
    instance_id: 'wfi_000000000001',
    status: 'terminated',
    progress: 0,
    current_phase: 'work',
    waiting_for: null,
    feature_id: 'F-1',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:01.000Z',
    depth: 0,
    child_count: 0,
    running_children: 0,
    failed_children: 0,
    completed_children: 0,
    terminated_children: 0,
    cancelled_children: 0,
    usage: { tokens: 10, cost_usd: 0.5 },
    ...rest,
  });

  test('ends as the index says, with the progress and the prices that it has told itself', () => {
    const asked = info({
      status: 'running',
      progress: 0.5,
      usage: { tokens: 9, cost_usd: 0.5, unpriced_tokens: 3 },
    });
    expect(mergeInfo(info({}), asked)).toEqual(
      info({ progress: 0.5, usage: { tokens: 10, cost_usd: 0.5, unpriced_tokens: 3 } }),
    );
  });
});
