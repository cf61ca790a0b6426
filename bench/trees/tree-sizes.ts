/** Trees of several sizes that stand open: how long the query of a whole tree takes, and its termination. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { WorkflowTreeStatus } from '../../src/core/shapes.js';
import { say } from '../progress.js';
import { percentile, rounded } from '../statistics.js';
import type { TestBed } from '../test-bed.js';
import { buildTree, untilCount } from './build-tree.js';
import { countNodes, type Fanouts, type TreeContender, type TreeSides } from './tree-contender.js';

/** Queries of one tree. */
const QUERIES = 200;
const POLL_MS = 200;

export interface TreeSize {
  readonly nodes: number;
  readonly fanouts: Fanouts;
  /** Of `get_workflow_tree_status` on the root, once it knows all nodes. */
  readonly query_p50_ms: number;
  readonly query_p99_ms: number;
  /** From the start of the root until all nodes are open, in seconds. */
  readonly build_sec: { readonly ours: number; readonly bare: number };
  /** From the request until the last node has closed, in seconds. */
  readonly terminate_sec: { readonly ours: number; readonly bare: number };
}

/** One tree of ours and one of bare, both built, looked at and terminated. */
export async function measureTreeSize(
  bed: TestBed,
  { ours, bare }: TreeSides,
  fanouts: Fanouts,
): Promise<TreeSize> {
  const nodes = countNodes(fanouts);
  say(`  ${String(nodes)} nodes`);
  const own = await standTree(bed.client, ours, fanouts);
  const latencies = await measureQueries(bed.client, own.id, nodes);
  const ownEnd = await terminateTree(bed.client, own.id, nodes);
  const other = await standTree(bed.client, bare, fanouts);
  const otherEnd = await terminateTree(bed.client, other.id, nodes);
  return {
    nodes,
    fanouts,
    query_p50_ms: rounded(percentile(latencies, 0.5)),
    query_p99_ms: rounded(percentile(latencies, 0.99)),
    build_sec: { ours: rounded(own.seconds), bare: rounded(other.seconds) },
    terminate_sec: { ours: rounded(ownEnd), bare: rounded(otherEnd) },
  };
}

export interface LeavesUnderOneChild {
  readonly leaves: readonly number[];
  /** Of `get_workflow_tree_status` on the root, in the same order. */
  readonly query_p50_ms: readonly number[];
  /** With the most leaves over with the fewest. */
  readonly growth: number;
}

/** Trees of a root with one child, which has so many leaves. */
export async function measureLeaves(
  bed: TestBed,
  { ours }: TreeSides,
  leaves: readonly number[],
): Promise<LeavesUnderOneChild> {
  const medians: number[] = [];
  for (const count of leaves) {
    say(`  ${String(count)} leaves under one child`);
    const { id } = await standTree(bed.client, ours, [1, count]);
    medians.push(rounded(percentile(await measureQueries(bed.client, id, count + 2), 0.5)));
    await terminateTree(bed.client, id, count + 2);
  }
  return { leaves, query_p50_ms: medians, growth: rounded((medians.at(-1) ?? NaN) / (medians[0] ?? NaN)) };
}

async function standTree(
  client: Client,
  contender: TreeContender,
  fanouts: Fanouts,
): Promise<{ readonly id: string; readonly seconds: number }> {
  const id = `standing-${contender.name}-${fanouts.join('-')}`;
  return { id, seconds: await buildTree(client, contender, { id, fanouts }) };
}

/** Latencies in milliseconds, one query after the other. */
async function measureQueries(client: Client, id: string, nodes: number): Promise<readonly number[]> {
  const handle = client.workflow.getHandle(id);
  const ask = (): Promise<WorkflowTreeStatus> => handle.query('get_workflow_tree_status');
  // What lies below is told by level: the tree is quiet once the root knows all of it.
  while ((await ask()).total_nodes < nodes) await pause(POLL_MS);
  const latencies: number[] = [];
  for (let count = 0; count < QUERIES; count += 1) {
    const startedAt = performance.now();
    const { total_nodes: known } = await ask();
    latencies.push(performance.now() - startedAt);
    if (known !== nodes) throw new Error(`${id}: ${String(known)} nodes, not ${String(nodes)}`);
  }
  return latencies;
}

async function terminateTree(client: Client, id: string, nodes: number): Promise<number> {
  const startedAt = performance.now();
  await client.workflow.getHandle(id).terminate('measured');
  await untilCount(client, id, 'Terminated', nodes);
  return (performance.now() - startedAt) / 1000;
}
