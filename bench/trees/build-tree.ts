/** Trees on a server: started, counted, walked to their leaves, and run to their end. */
import { setTimeout as pause } from 'node:timers/promises';
import { QueryNotRegisteredError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { eachInFlight } from '../in-flight.js';
import { sendUpdate } from '../send-update.js';
import { countNodes, type Fanouts, type TreeContender } from './tree-contender.js';

/** Between one look at the server and the next. */
const POLL_MS = 100;
const PATIENCE_MS = 600_000;

/** A tree by its root's id. */
export interface TreeOf {
  readonly id: string;
  readonly fanouts: Fanouts;
}

export interface TreePlan extends TreeOf {
  /** Nodes that are asked or triggered at once. */
  readonly inFlight: number;
}

/** Builds a tree, sends each leaf its trigger, and awaits the root's result. Returns the seconds all that took. */
export async function runTree(client: Client, contender: TreeContender, plan: TreePlan): Promise<number> {
  const startedAt = performance.now();
  const handle = await startRoot(client, contender, plan);
  // Who asks for nodes that are not there yet takes the time of those that are being made.
  await untilCount(client, plan.id, 'Running', countNodes(plan.fanouts));
  const leaves = await findLeaves(client, contender, plan);
  await eachInFlight(leaves, plan.inFlight, (id) => triggerLeaf(client, contender, id));
  await handle.result();
  const seconds = (performance.now() - startedAt) / 1000;
  await untilCount(client, plan.id, 'Completed', countNodes(plan.fanouts));
  return seconds;
}

/** Starts a tree; returns once all its nodes are open, with the seconds it took. Nobody triggers its leaves. */
export async function buildTree(client: Client, contender: TreeContender, plan: TreeOf): Promise<number> {
  const startedAt = performance.now();
  await startRoot(client, contender, plan);
  await untilCount(client, plan.id, 'Running', countNodes(plan.fanouts));
  return (performance.now() - startedAt) / 1000;
}

/** Until so many nodes of the tree have this status, in the server's own count. */
export async function untilCount(
  client: Client,
  rootId: string,
  status: 'Running' | 'Completed' | 'Terminated',
  nodes: number,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { count } = await client.workflow.count(
      `RootWorkflowId = '${rootId}' AND ExecutionStatus = '${status}'`,
    );
    if (count === nodes) return;
    if (Date.now() > deadline)
      throw new Error(`${rootId}: ${String(count)} of ${String(nodes)} nodes are ${status}`);
    await pause(POLL_MS);
  }
}

function startRoot(client: Client, contender: TreeContender, { id, fanouts }: TreeOf) {
  return client.workflow.start(contender.workflowType, {
    ...contender.startOptions(id, fanouts),
    workflowId: id,
  });
}

/** Level by level, each node asked for its children. */
async function findLeaves(
  client: Client,
  contender: TreeContender,
  { id, fanouts, inFlight }: TreePlan,
): Promise<readonly string[]> {
  let level: readonly string[] = [id];
  for (const fanout of fanouts) {
    const next: string[] = [];
    await eachInFlight(level, inFlight, async (node) => {
      next.push(...(await childrenOf(client, contender, node, fanout)));
    });
    level = next;
  }
  return level;
}

async function childrenOf(
  client: Client,
  contender: TreeContender,
  id: string,
  fanout: number,
): Promise<readonly string[]> {
  const handle = client.workflow.getHandle(id);
  for (;;) {
    const answer = await onceThere(() => handle.query<unknown>(contender.childrenQuery));
    const ids = contender.childrenIn(answer);
    if (ids.length === fanout) return ids;
    await pause(POLL_MS);
  }
}

async function triggerLeaf(client: Client, contender: TreeContender, id: string): Promise<void> {
  const handle = client.workflow.getHandle(id);
  const request = { name: contender.trigger, argument: contender.triggerArgument, updateId: 'leaf' };
  await onceThere(() => sendUpdate(handle, request, () => undefined));
}

/** A parent knows its child's id before the server has the child, and the server has it before its handlers stand. */
async function onceThere<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isNotThere(error) || Date.now() > deadline) throw error;
      await pause(POLL_MS / 5);
    }
  }
}

function isNotThere(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || error instanceof QueryNotRegisteredError;
}
