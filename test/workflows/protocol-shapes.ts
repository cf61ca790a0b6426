/** The keys that protocol.md promises of each shape. Those marked with `?` there may be missing. */
import { expect } from 'vitest';

interface ShapeKeys {
  readonly always: string;
  readonly sometimes?: string;
}

export const SHAPES = {
  TriggerResult: {
    always: 'instance_id status previous_phase current_phase waiting_for applied duplicate progress',
    sometimes: 'error',
  },
  WorkflowState: {
    always:
      'instance_id tenant_id feature_id workflow_name schema_version engine_version current_phase variables status ' +
      'waiting_for tasks parent_instance_id root_instance_id children recursion_depth resource_quota usage ' +
      'automation_level history history_truncated created_at updated_at closed_at meta failure',
    sometimes: 'result artifacts',
  },
  Task: {
    always: 'task_id phase visit name kind text status attempts opened_at closed_at',
    sometimes:
      'index item instance_id claimed_by lease_expires_at allowed_decisions claim_id waiting_for context meta ' +
      'expects error timeout_at',
  },
  WorkflowStatusInfo: {
    always:
      'instance_id status progress current_phase waiting_for feature_id created_at updated_at depth child_count ' +
      'running_children failed_children completed_children terminated_children cancelled_children',
    // In a monitor: what the subtree has used, and the children of a child.
    sometimes: 'usage children',
  },
  HistoryEntry: {
    always: 'phase visit task started_at ended_at status trigger_data_snapshot trigger_id meta',
  },
  HistoryEvent: { always: 'seq event_type phase task timestamp data' },
  HistoryPage: { always: 'events first_seq segments' },
  WorkflowTreeStatus: {
    always:
      'root_instance_id status total_nodes completed_nodes failed_nodes running_nodes terminated_nodes ' +
      'cancelled_nodes paused_nodes created_nodes max_depth execution_time_sec total_tokens total_cost_usd as_of',
    sometimes: 'unpriced_tokens',
  },
  WorkflowTreeMonitor: { always: 'root tree_status children timestamp' },
} as const satisfies Readonly<Record<string, ShapeKeys>>;

/** Fails where a value lacks a key of its shape, or has one that the shape does not know. */
export function expectShape(name: keyof typeof SHAPES, value: unknown): void {
  const { always, sometimes = '' }: ShapeKeys = SHAPES[name];
  const required = always.split(' ');
  const known = new Set([...required, ...sometimes.split(' ')]);
  const keys = Object.keys(value as object);
  expect(
    required.filter((key) => !keys.includes(key)),
    `${name} lacks`,
  ).toEqual([]);
  expect(
    keys.filter((key) => !known.has(key)),
    `${name} has keys that the protocol does not know`,
  ).toEqual([]);
}
