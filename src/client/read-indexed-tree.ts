/**
 * A tree as Temporal's index has it, for an instance that was terminated: its own last state knows of those below what
 * they had told until then, and without a worker nobody can ask for it. The index knows every node, and how it ended. What
 * only the state knows (the progress, tokens without a price) comes from there, where it could be asked for.
 */
import pMap from 'p-map';
import { addUp } from '../core/tree-figures.js';
import { treeStatusOf } from '../core/views.js';
import type {
  InstanceStatus,
  SubtreeUsage,
  WorkflowStatusInfo,
  WorkflowTreeMonitor,
  WorkflowTreeStatus,
} from '../core/shapes.js';
import type { TreeFigures } from '../core/child-state.js';
import type { LeftBehind } from '../core/left-behind.js';
import { callTemporal } from './call-temporal.js';
import { AT_ONCE, queryOnce, toNull } from './query-instance.js';
import type { ClientContext } from './client-context.js';
import { collapseRuns, listRuns, type RunSummary } from './list-runs.js';
import { isClosed } from './overlay-end.js';
import type { InstanceSummary } from './requests.js';
import { treeQuery } from './visibility-query.js';

/**
 * An instance with all below it, every level of children nested.
 *
 * @param canAsk whether a worker is there: then those that were terminated are asked, as the index may be a second behind
 * @returns null where the index does not have it
 */
export async function readIndexedTree(
  context: ClientContext,
  instanceId: string,
  rootId: string,
  canAsk: boolean,
): Promise<WorkflowTreeMonitor | null> {
  const indexed = await callTemporal(context, async () => {
    const runs: RunSummary[] = [];
    for await (const run of listRuns(context, treeQuery(rootId))) runs.push(run);
    return collapseRuns(runs);
  });
  const instances = canAsk ? await askTerminated(context, indexed) : indexed;
  const top = instances.find(({ instance_id }) => instance_id === instanceId);
  return top === undefined ? null : toMonitor(top, groupByParent(instances));
}

/** Instances asked: of a larger tree the rest are as the index has them. */
const MOST_ASKED = 200;

async function askTerminated(
  context: ClientContext,
  instances: readonly InstanceSummary[],
): Promise<readonly InstanceSummary[]> {
  const asked = new Set(instances.filter(({ status }) => status === 'terminated').slice(0, MOST_ASKED));
  return pMap(
    instances,
    (instance) => (asked.has(instance) ? askUsage(context, instance) : instance),
    AT_ONCE,
  );
}

async function askUsage(context: ClientContext, instance: InstanceSummary): Promise<InstanceSummary> {
  const question = { query: 'get_left_behind' } as const;
  const left = await queryOnce<LeftBehind | null>(context, instance.instance_id, question).catch(toNull);
  if (left === null) return instance;
  const { unpriced_tokens: _indexed, ...rest } = instance;
  return { ...rest, ...left.own, current_phase: left.phase };
}

type Siblings = ReadonlyMap<string | null, readonly InstanceSummary[]>;

/** Oldest first, as a parent lists its children. */
function groupByParent(instances: readonly InstanceSummary[]): Siblings {
  const groups = new Map<string | null, InstanceSummary[]>();
  for (const instance of [...instances].reverse()) {
    const group = groups.get(instance.parent_instance_id);
    if (group === undefined) groups.set(instance.parent_instance_id, [instance]);
    else group.push(instance);
  }
  return groups;
}

function toMonitor(top: InstanceSummary, siblings: Siblings): WorkflowTreeMonitor {
  const { info, figures } = toNode(top, siblings);
  const { children = [], ...root } = info;
  const at = Date.parse(top.closed_at ?? top.created_at);
  return {
    root,
    tree_status: treeStatusOf(top.instance_id, figures, {
      from: Date.parse(top.created_at),
      until: at,
      asOf: at,
    }),
    children,
    timestamp: new Date(at).toISOString(),
  };
}

function usageOf({ tokens, cost_usd, unpriced_tokens }: SubtreeUsage): SubtreeUsage {
  return { tokens, cost_usd, ...(unpriced_tokens !== undefined && { unpriced_tokens }) };
}

interface Node {
  readonly info: WorkflowStatusInfo;
  readonly figures: TreeFigures;
}

function toNode(instance: InstanceSummary, siblings: Siblings): Node {
  const children = (siblings.get(instance.instance_id) ?? []).map((child) => toNode(child, siblings));
  const { status, depth, closed_at, created_at } = instance;
  const own: TreeFigures = { nodes: { [status]: 1 }, max_depth: depth, ...usageOf(instance) };
  const figures = addUp([own, ...children.map((child) => child.figures)]);
  const infos = children.map(({ info }) => info);
  const count = (wanted: InstanceStatus): number => infos.filter((child) => child.status === wanted).length;
  const info: WorkflowStatusInfo = {
    instance_id: instance.instance_id,
    status,
    progress: status === 'completed' ? 1 : 0,
    current_phase: instance.current_phase,
    waiting_for: null,
    feature_id: instance.feature_id,
    created_at,
    updated_at: closed_at ?? created_at,
    depth,
    child_count: infos.length,
    running_children: infos.filter((child) => !isClosed(child.status)).length,
    failed_children: count('failed'),
    completed_children: count('completed'),
    terminated_children: count('terminated'),
    cancelled_children: count('cancelled'),
    usage: usageOf(figures),
    children: infos,
  };
  return { info, figures };
}

/** What the index knows, with the progress that the instance itself has told. */
export function mergeInfo(indexed: WorkflowStatusInfo, asked: WorkflowStatusInfo | null): WorkflowStatusInfo {
  if (asked === null) return indexed;
  const { usage } = indexed;
  const reason = indexed.reason ?? asked.reason;
  return {
    ...indexed,
    progress: asked.progress,
    ...(reason !== undefined && { reason }),
    ...(usage && { usage: largerUsage(usage, asked.usage ?? usage) }),
  };
}

/** Both lag behind what was used, each in its way: the larger is nearer. */
function largerUsage(a: SubtreeUsage, b: SubtreeUsage): SubtreeUsage {
  const unpriced = Math.max(a.unpriced_tokens ?? 0, b.unpriced_tokens ?? 0);
  return {
    tokens: Math.max(a.tokens, b.tokens),
    cost_usd: Math.max(a.cost_usd, b.cost_usd),
    ...(unpriced > 0 && { unpriced_tokens: unpriced }),
  };
}

export function mergeTree(indexed: WorkflowTreeStatus, asked: WorkflowTreeStatus | null): WorkflowTreeStatus {
  if (asked === null) return indexed;
  const unpriced = Math.max(indexed.unpriced_tokens ?? 0, asked.unpriced_tokens ?? 0);
  return {
    ...indexed,
    total_tokens: Math.max(indexed.total_tokens, asked.total_tokens),
    total_cost_usd: Math.max(indexed.total_cost_usd, asked.total_cost_usd),
    ...(unpriced > 0 && { unpriced_tokens: unpriced }),
  };
}

export function mergeMonitor(
  indexed: WorkflowTreeMonitor,
  asked: WorkflowTreeMonitor | null,
): WorkflowTreeMonitor {
  if (asked === null) return indexed;
  const known = new Map(asked.children.map((child) => [child.instance_id, child]));
  return {
    ...indexed,
    root: mergeInfo(indexed.root, asked.root),
    tree_status: mergeTree(indexed.tree_status, asked.tree_status),
    children: indexed.children
      .map((child) => mergeInfo(child, known.get(child.instance_id) ?? null))
      .sort((a, b) => place(a) - place(b)),
  };

  /** In the order in which the instance itself tells of them; those that it had not told of come last. */
  function place({ instance_id }: WorkflowStatusInfo): number {
    const index = asked?.children.findIndex((child) => child.instance_id === instance_id) ?? -1;
    return index === -1 ? Number.MAX_SAFE_INTEGER : index;
  }
}
