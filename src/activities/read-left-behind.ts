import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import pMap from 'p-map';
import type { WorkflowHandle } from '@temporalio/client';
import type { SubtreeReport, TreeFigures } from '../core/child-state.js';
import { endedReport, hasWorked, unbornFigures, type LeftBehind } from '../core/left-behind.js';
import type { InstanceStatus } from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import type { QueryName, Snapshot } from '../workflows/messages.js';
import { leftBehindKey, type ArtifactStore } from '../artifacts/index.js';
import type { LeftBehindRead, ReadLeftBehindInput } from './activity-types.js';

/** Children asked at once: each may have to be read back by a worker. */
const AT_ONCE = { concurrency: 5 } as const;
/** Between two looks at whether an instance has closed: the server ends a subtree one by one. */
const LOOK_MS = { first: 50, most: 1000 } as const;
/** How the server refuses a query of what no worker ever had, and of what one had and could not do. */
const GRPC_FAILED_PRECONDITION = 9;
/** `HistoryEventFilterType` of Temporal's API. */
const CLOSE_EVENT = 2;
const REASON_CHARS = 1000;
const QUERY: QueryName = 'get_left_behind';
const SNAPSHOT: QueryName = 'get_snapshot';

/** The activity `chatflow.readLeftBehind`: what a child has come to that was ended from outside, with all below it. */
export function createReadLeftBehind(
  store: ArtifactStore,
): (input: ReadLeftBehindInput) => Promise<LeftBehindRead> {
  return async ({ instance_id }) => {
    const reader = { context: Context.current(), store };
    const top = await ask(reader, instance_id);
    return {
      report: top?.left ? await readSubtree(reader, top.left) : null,
      reason: top === null ? null : await readReason(reader.context, instance_id),
    };
  };
}

interface Reader {
  readonly context: Context;
  readonly store: ArtifactStore;
}

/** Its last state, for the child that is tried in its place: the end it came to has left no snapshot. */
async function keepState({ store }: Reader, handle: WorkflowHandle): Promise<void> {
  const { state } = await handle.query<Snapshot>(SNAPSHOT);
  const key = leftBehindKey({ tenant_id: state.tenant_id, instance_id: state.instance_id });
  await store.put(key, Buffer.from(JSON.stringify(state), 'utf8'));
}

/** The last state of one that was terminated; null where nothing was done in it. */
export async function readLeftBehindState(
  store: ArtifactStore,
  tenant_id: string,
  instance_id: string,
): Promise<InstanceState | null> {
  const key = leftBehindKey({ tenant_id, instance_id });
  if ((await store.stat(key)) === null) return null;
  return JSON.parse(Buffer.from(await store.get(key)).toString('utf8')) as InstanceState;
}

/** What whoever terminated it has said. */
async function readReason({ client }: Context, instanceId: string): Promise<string | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: instanceId },
    historyEventFilterType: CLOSE_EVENT,
  });
  const reason = history?.events?.at(-1)?.workflowExecutionTerminatedEventAttributes?.reason;
  return reason ? reason.slice(0, REASON_CHARS) : null;
}

async function readSubtree(reader: Reader, own: LeftBehind): Promise<SubtreeReport> {
  const below = await pMap(own.open, (id) => readChild(reader, own, id), AT_ONCE);
  return endedReport(own, below.flat());
}

async function readChild(reader: Reader, parent: LeftBehind, id: string): Promise<TreeFigures[]> {
  const child = await ask(reader, id);
  if (child === null) return [];
  if (child.left === null) return [unbornFigures(parent, child.status)];
  return [(await readSubtree(reader, child.left)).figures];
}

interface Answer {
  /** Null where no instance came of it. */
  readonly left: LeftBehind | null;
  readonly status: InstanceStatus;
}

/** Asks once nothing can change any more; null where the server does not know it. */
async function ask(reader: Reader, instanceId: string): Promise<Answer | null> {
  const { context } = reader;
  const handle = context.client.workflow.getHandle(instanceId);
  let status: InstanceStatus = 'terminated';
  try {
    status = await untilClosed(context, handle);
    const left = await handle.query<LeftBehind | null>(QUERY);
    if (left !== null && status === 'terminated' && hasWorked(left)) await keepState(reader, handle);
    return { left, status };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: unknown } };
    if (name === 'WorkflowNotFoundError') return null;
    if (cause?.code === GRPC_FAILED_PRECONDITION && !(await hasBegun(handle))) return { left: null, status };
    throw error;
  }
}

/** Whether a worker has ever finished a workflow task of it. */
async function hasBegun(handle: WorkflowHandle): Promise<boolean> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).some(({ workflowTaskCompletedEventAttributes: done }) => done != null);
}

/** As what it has ended; looks until it has. */
async function untilClosed(context: Context, handle: WorkflowHandle): Promise<InstanceStatus> {
  for (let waitMs: number = LOOK_MS.first; ; waitMs = Math.min(2 * waitMs, LOOK_MS.most)) {
    context.cancellationSignal.throwIfAborted();
    context.heartbeat(handle.workflowId);
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return ENDED_AS[status.name] ?? 'terminated';
    await sleep(waitMs, undefined, { signal: context.cancellationSignal });
  }
}

const ENDED_AS: Readonly<Record<string, InstanceStatus>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};
