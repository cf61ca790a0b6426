import type { WorkflowExecutionStatusName } from '@temporalio/client';
import type { InstanceStatus } from '../core/shapes.js';

/** How an execution that has closed shows as an instance. A run that Temporal timed out has failed. */
const CLOSED: Partial<Record<WorkflowExecutionStatusName, InstanceStatus>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'failed',
};

const OPEN: readonly string[] = ['created', 'running', 'paused'] satisfies InstanceStatus[];

/** The status of a closed execution; null for one that is open (or went on in a new run). */
export function closedStatus(name: WorkflowExecutionStatusName): InstanceStatus | null {
  return CLOSED[name] ?? null;
}

/** The status of an open instance as its search attribute tells it; `created` until it has one. */
export function openStatus(attribute: string | undefined): InstanceStatus {
  return attribute !== undefined && OPEN.includes(attribute) ? (attribute as InstanceStatus) : 'created';
}
