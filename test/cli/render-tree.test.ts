/** A tree as text: its branches, what is hidden, and what stands on a line. */
import { expect, test } from 'vitest';
import type { WorkflowStatusInfo, WorkflowTreeMonitor, WorkflowTreeStatus } from '../../src/core/shapes.js';
import { coloursFor } from '../../src/surfaces/cli/colours.js';
import { renderAge, renderTree } from '../../src/surfaces/cli/render-tree.js';
import { fakeIo } from './fake-io.js';

const AT = Date.parse('2026-01-01T00:01:30.000Z');
const plain = coloursFor(fakeIo().stdout, {});

const node = (id: string, more: Partial<WorkflowStatusInfo> = {}): WorkflowStatusInfo => ({
  instance_id: id,
  status: 'running',
  progress: 0,
  current_phase: 'write',
  waiting_for: 'agent',
  feature_id: 'feat_x',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:10.000Z',
  depth: 0,
  child_count: more.children?.length ?? 0,
  running_children: 0,
  failed_children: 0,
  completed_children: 0,
  terminated_children: 0,
  cancelled_children: 0,
  usage: { tokens: 0, cost_usd: 0 },
  ...more,
});

const sum: WorkflowTreeStatus = {
  root_instance_id: 'root',
  status: 'running',
  total_nodes: 6,
  completed_nodes: 1,
  failed_nodes: 0,
  running_nodes: 4,
  terminated_nodes: 0,
  cancelled_nodes: 0,
  paused_nodes: 0,
  created_nodes: 1,
  max_depth: 2,
  execution_time_sec: 90,
  total_tokens: 2700,
  total_cost_usd: 0.06,
  as_of: '2026-01-01T00:01:30.000Z',
};

const monitor = (
  root: WorkflowStatusInfo,
  children: readonly WorkflowStatusInfo[],
  tree_status: WorkflowTreeStatus = sum,
): WorkflowTreeMonitor => ({ root, children, tree_status, timestamp: '2026-01-01T00:00:02.000Z' });

test('children hang on branches; what has closed is as old as it was then', () => {
  const tree = monitor(node('root', { waiting_for: 'children', child_count: 3 }), [
    node('a', { children: [node('a1'), node('a2', { status: 'created', current_phase: null })] }),
    node('b', { status: 'completed', waiting_for: null, usage: { tokens: 900, cost_usd: 0.02 } }),
    node('c', { children: [node('c1', { waiting_for: null, usage: { tokens: 1, cost_usd: 0.1 } })] }),
  ]);
  expect(renderTree(tree, plain, AT)).toEqual([
    'root  running  write  waiting for children  0 tokens  0 USD  1 min 30 s',
    '├─ a  running  write  waiting for agent  0 tokens  0 USD  1 min 30 s',
    '│  ├─ a1  running  write  waiting for agent  0 tokens  0 USD  1 min 30 s',
    '│  └─ a2  created  -  waiting for agent  0 tokens  0 USD  1 min 30 s',
    '├─ b  completed  write  900 tokens  0.02 USD  10 s',
    '└─ c  running  write  waiting for agent  0 tokens  0 USD  1 min 30 s',
    '   └─ c1  running  write  1 tokens  0.1 USD  1 min 30 s',
    '',
    'running: 6 instances (4 running, 1 created, 1 completed), depth 2, 2700 tokens, 0.06 USD',
  ]);
});

test('what is not shown is counted: below the last level, and beside those that are', () => {
  const tree = monitor(node('root', { child_count: 5 }), [node('a', { child_count: 2 }), node('b')]);
  const lines = renderTree(tree, plain, AT).map((line) => line.replace(/ {2}running .*/, ''));
  expect(lines.slice(0, 5)).toEqual(['root', '├─ a', '│  └─ 2 more', '├─ b', '└─ 3 more']);
});

test('an instance by itself; tokens without a known price are not free', () => {
  const usage = { tokens: 5, cost_usd: 0.5, unpriced_tokens: 3 };
  const alone = { ...sum, total_nodes: 1, created_nodes: 0, completed_nodes: 0, running_nodes: 1 };
  const lines = renderTree(monitor(node('root', { usage }), [], { ...alone, unpriced_tokens: 3 }), plain, AT);
  expect(lines[0]).toContain('5 tokens  0.5 USD and more');
  expect(lines.at(-1)).toBe('running: 1 instance (1 running), depth 2, 2700 tokens, 0.06 USD and more');
});

test('a status has its colour on a terminal', () => {
  const colours = coloursFor(fakeIo({ isTTY: true }).stdout, {});
  const [line] = renderTree(monitor(node('root', { status: 'failed' }), []), colours, AT);
  expect(line).toContain('\u001b[31mfailed\u001b[39m');
});

test.each([
  [-5, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min 0 s'],
  [3_599_000, '59 min 59 s'],
  [3_600_000, '1 h 0 min'],
  [47 * 3_600_000 + 60_000, '47 h 1 min'],
  [49 * 3_600_000, '2 d 1 h'],
])('%i ms are %s', (ms, text) => {
  expect(renderAge(ms)).toBe(text);
});
