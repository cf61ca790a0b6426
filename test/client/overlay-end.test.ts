import { describe, expect, test } from 'vitest';
import type { ExecutionEnd } from '../../src/client/execution.js';
import {
  overlayHistory,
  overlayState,
  overlayStatusInfo,
  overlayTree,
} from '../../src/client/overlay-end.js';
import type {
  HistoryEvent,
  WorkflowState,
  WorkflowStatusInfo,
  WorkflowTreeStatus,
} from '../../src/core/shapes.js';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T01:00:00.000Z';
const terminated: ExecutionEnd = { status: 'terminated', closed_at: later, reason: 'runaway', failure: null };

const state: WorkflowState = {
  instance_id: 'wfi_0123456789ab',
  tenant_id: 'default',
  feature_id: 'F',
  workflow_name: 'w',
  schema_version: '1',
  engine_version: 1,
  current_phase: 'code',
  variables: {},
  status: 'running',
  waiting_for: 'agent',
  tasks: [
    {
      task_id: 'code#1/code',
      phase: 'code',
      visit: 1,
      name: 'code',
      kind: 'agent',
      text: 'Write',
      status: 'open',
      attempts: 1,
      opened_at: at,
      closed_at: null,
      waiting_for: 'agent',
    },
  ],
  parent_instance_id: null,
  root_instance_id: 'wfi_0123456789ab',
  children: [],
  recursion_depth: 0,
  resource_quota: {},
  usage: { tokens: 0, cost_usd: 0, elapsed_sec: 1, children: 0 },
  automation_level: 60,
  history: [
    {
      phase: 'code',
      visit: 1,
      task: 'Write',
      started_at: at,
      ended_at: null,
      status: 'running',
      trigger_data_snapshot: null,
      trigger_id: null,
      meta: {},
    },
  ],
  history_truncated: false,
  created_at: at,
  updated_at: at,
  closed_at: null,
  meta: {},
  failure: null,
  artifacts: [],
};

const statusInfo: WorkflowStatusInfo = {
  instance_id: 'x',
  status: 'running',
  progress: 0.5,
  current_phase: 'code',
  waiting_for: 'children',
  feature_id: 'F',
  created_at: at,
  updated_at: at,
  depth: 0,
  child_count: 5,
  running_children: 3,
  failed_children: 0,
  completed_children: 1,
  terminated_children: 1,
  cancelled_children: 0,
};

describe('an end that the instance itself could not tell', () => {
  test('a terminated state waits for nothing and has nothing open', () => {
    const seen = overlayState(state, terminated);
    expect(seen).toMatchObject({ status: 'terminated', waiting_for: null, closed_at: later, failure: null });
    expect(seen.tasks).toMatchObject([{ status: 'cancelled', closed_at: later }]);
    expect(seen.tasks[0]).not.toHaveProperty('waiting_for');
    expect(seen.history).toMatchObject([{ status: 'cancelled', ended_at: later }]);
  });

  test('what it changes was changed last when the execution ended', () => {
    expect(overlayState(state, terminated).updated_at).toBe(later);
    expect(overlayStatusInfo(statusInfo, terminated).updated_at).toBe(later);
  });

  test('what Temporal failed says why', () => {
    const failure = { type: 'InternalError', message: 'lost' };
    const seen = overlayState(state, { ...terminated, status: 'failed', failure });
    expect(seen.failure).toEqual({ ...failure, phase: 'code', task: null });
  });

  test('a state that knows its own end stands as it is', () => {
    const own: WorkflowState = { ...state, status: 'terminated', closed_at: at };
    expect(overlayState(own, terminated)).toBe(own);
  });

  test('children that ran have ended with it, and the counts still add up', () => {
    expect(overlayStatusInfo(statusInfo, terminated)).toMatchObject({
      status: 'terminated',
      waiting_for: null,
      running_children: 0,
      terminated_children: 4,
      completed_children: 1,
    });
  });

  test('open nodes of a tree count as ended, whatever they were', () => {
    const tree: WorkflowTreeStatus = {
      root_instance_id: 'x',
      status: 'running',
      total_nodes: 6,
      completed_nodes: 1,
      failed_nodes: 0,
      running_nodes: 2,
      terminated_nodes: 0,
      cancelled_nodes: 1,
      paused_nodes: 1,
      created_nodes: 1,
      max_depth: 1,
      execution_time_sec: 1,
      total_tokens: 0,
      total_cost_usd: 0,
      as_of: at,
    };
    const seen = overlayTree(tree, terminated);
    expect(seen).toMatchObject({
      status: 'terminated',
      terminated_nodes: 4,
      running_nodes: 0,
      paused_nodes: 0,
    });
    const { completed_nodes, failed_nodes, terminated_nodes, cancelled_nodes } = seen;
    expect(completed_nodes + failed_nodes + terminated_nodes + cancelled_nodes).toBe(6);
  });
});

describe('the audit stream of an instance that was ended', () => {
  const event = (seq: number, event_type: string): HistoryEvent => ({
    seq,
    event_type,
    phase: 'code',
    task: null,
    timestamp: at,
    data: {},
  });

  test('gets an event with the reason, next in number', () => {
    const seen = overlayHistory([event(1, 'instance_created'), event(2, 'phase_started')], terminated);
    expect(seen.at(-1)).toMatchObject({
      seq: 3,
      event_type: 'workflow_terminated',
      timestamp: later,
      data: { reason: 'runaway' },
    });
  });

  test('is left alone where it tells of its end', () => {
    const events = [event(1, 'instance_created'), event(2, 'workflow_completed')];
    expect(overlayHistory(events, { ...terminated, status: 'completed' })).toBe(events);
  });

  test('a failure before a retry is not the end of the run after it', () => {
    const events = [event(1, 'workflow_failed'), event(2, 'workflow_retried'), event(3, 'phase_started')];
    const seen = overlayHistory(events, { ...terminated, status: 'failed' });
    expect(seen.map((one) => one.event_type).slice(-1)).toEqual(['workflow_failed']);
    expect(seen).toHaveLength(4);
  });
});
