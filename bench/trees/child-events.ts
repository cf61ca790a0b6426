/** What a child leaves in its parent's history. */
import type { Client } from '@temporalio/client';
import { rounded } from '../statistics.js';
import type { TestBed } from '../test-bed.js';
import { runTree } from './build-tree.js';
import type { TreeContender, TreeSides } from './tree-contender.js';

/** `EVENT_TYPE_WORKFLOW_TASK_*` of Temporal's API: how many there are depends on what comes together. */
const TASK_EVENTS: readonly number[] = [5, 6, 7, 8, 9];

export interface ChildEvents {
  /** Events a child without workflow tasks, and bytes a child. */
  readonly ours: { readonly events: number; readonly bytes: number };
  readonly bare: { readonly events: number; readonly bytes: number };
  readonly events_more: number;
}

/** By the difference between a parent of many children and one of few. */
export async function compareChildEvents(
  bed: TestBed,
  sides: TreeSides,
  [few, many]: readonly [number, number],
): Promise<ChildEvents> {
  const costOf = async (contender: TreeContender) => {
    const small = await measureParent(bed.client, contender, few);
    const large = await measureParent(bed.client, contender, many);
    const each = (key: 'events' | 'bytes'): number => rounded((large[key] - small[key]) / (many - few));
    return { events: each('events'), bytes: each('bytes') };
  };
  const ours = await costOf(sides.ours);
  const bare = await costOf(sides.bare);
  return { ours, bare, events_more: rounded(ours.events - bare.events) };
}

async function measureParent(
  client: Client,
  contender: TreeContender,
  children: number,
): Promise<{ readonly events: number; readonly bytes: number }> {
  const id = `events-${contender.name}-${String(children)}`;
  await runTree(client, contender, { id, fanouts: [children], inFlight: children });
  const handle = client.workflow.getHandle(id);
  const { events } = await handle.fetchHistory();
  const { historySize } = await handle.describe();
  const own = (events ?? []).filter((event) => !TASK_EVENTS.includes(Number(event.eventType)));
  return { events: own.length, bytes: historySize ?? 0 };
}
