import { viewHistory, viewStatusInfo, viewWorkflowState } from '../core/views.js';
import { ChatFlowError } from '../core/errors.js';
import { readHistorySegment } from '../artifacts/index.js';
import type {
  ArtifactRef,
  HistoryEvent,
  HistoryPage,
  WorkflowState,
  WorkflowStatusInfo,
} from '../core/shapes.js';
import type { InstanceState } from '../core/state.js';
import type { ClientContext } from './client-context.js';
import type { ExecutionEnd } from './execution.js';
import { OTHER_STORE } from './other-store.js';
import { overlayHistory, overlayState, overlayStatusInfo } from './overlay-end.js';
import { mergeInfo } from './read-indexed-tree.js';
import { readView } from './read-view.js';
import type { HistoryOptions } from './requests.js';

export async function readState(context: ClientContext, instanceId: string): Promise<WorkflowState> {
  const state = await readView(context, instanceId, {
    query: 'get_workflow_state',
    fromState: (state) => viewWorkflowState(state, lastChange(state)),
    overlay: overlayState,
  });
  return upToNow(state);
}

/** A query has no clock of its own: its time is that of the last workflow task. */
function upToNow(state: WorkflowState): WorkflowState {
  const { as_of, ...usage } = state.usage;
  if (as_of === undefined || state.closed_at !== null) return { ...state, usage };
  const sinceMs = Math.max(0, Date.now() - Date.parse(as_of));
  return { ...state, usage: { ...usage, elapsed_sec: usage.elapsed_sec + sinceMs / 1000 } };
}

export function readStatusInfo(context: ClientContext, instanceId: string): Promise<WorkflowStatusInfo> {
  return readView(context, instanceId, {
    query: 'get_workflow_status_info',
    fromState: viewStatusInfo,
    fromIndex: ({ root: { usage: _ofSubtree, ...info } }, asked) => mergeInfo(info, asked),
    overlay: overlayStatusInfo,
  });
}

/** A page, and how the execution ended where it has. */
interface EndedPage extends HistoryPage {
  readonly end?: ExecutionEnd;
}

/** The whole audit stream after `after`: what lies in the store, what the instance holds, and its real end. */
export async function readHistory(
  context: ClientContext,
  instanceId: string,
  options: HistoryOptions = {},
): Promise<readonly HistoryEvent[]> {
  const { after = 0 } = options;
  const page = await readView<EndedPage>(context, instanceId, {
    query: 'get_history',
    args: [{ after }],
    fromState: (state) => viewHistory(state, after),
    ofNothing: { events: [], first_seq: 1, segments: [] },
    overlay: (value, end) => ({ ...value, end }),
  });
  // Whether the stream tells of its end can only be seen in the whole of it.
  if (page.end !== undefined && after > 0) {
    const whole = await readHistory(context, instanceId);
    return whole.filter((event) => event.seq > after);
  }
  const events = [...(await readArchived(context, page, after)), ...page.events];
  const checked = checkOrder(
    events.filter((event) => event.seq > after),
    instanceId,
  );
  return page.end === undefined ? checked : overlayHistory(checked, page.end);
}

/** Segments newest first, until one reaches back to what was asked for. */
async function readArchived(
  context: ClientContext,
  page: HistoryPage,
  after: number,
): Promise<readonly HistoryEvent[]> {
  const parts: (readonly HistoryEvent[])[] = [];
  let first = page.first_seq;
  for (const segment of [...page.segments].reverse()) {
    if (first <= after + 1) break;
    const events = await readSegment(context, segment);
    parts.unshift(events);
    first = events[0]?.seq ?? first;
  }
  return parts.flat();
}

async function readSegment(context: ClientContext, segment: ArtifactRef): Promise<readonly HistoryEvent[]> {
  try {
    return await readHistorySegment(context.store, segment);
  } catch (error) {
    if (!(error instanceof ChatFlowError) || error.type !== 'ArtifactNotFoundError') throw error;
    const message = `A part of the history, ${segment.name}, is not in ${context.storePlace}: ${OTHER_STORE}`;
    const details = { ...error.details, artifacts: context.storePlace };
    throw new ChatFlowError('ArtifactNotFoundError', message, details, { cause: error });
  }
}

/** The stream is numbered without gaps: a hole means that a part of it was lost, and nobody must take it for whole. */
function checkOrder(events: readonly HistoryEvent[], instanceId: string): readonly HistoryEvent[] {
  events.forEach((event, index) => {
    const expected = (events[0]?.seq ?? 0) + index;
    if (event.seq === expected) return;
    throw new ChatFlowError(
      'ArtifactCorruptError',
      `The history lacks the events from ${expected} to ${event.seq - 1} [instance_id=${instanceId}]`,
      { instance_id: instanceId, first_missing: expected, next_present: event.seq },
    );
  });
  return events;
}

/** A snapshot's figures are those of its end, whenever they are read. */
function lastChange(state: InstanceState): number {
  return state.closed_at ?? state.updated_at;
}
