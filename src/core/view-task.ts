import { findTask } from './definition-index.js';
import { allowedDecisions } from './answer-task.js';
import type { Task } from './shapes.js';
import type { InstanceState, TaskState } from './state.js';
import { isoTime } from './turn.js';

/** A task in the shape of the protocol. Fields that do not apply are left out. */
export function viewTask(state: InstanceState, task: TaskState): Task {
  const definition = findTask(state.definition, task.phase, task.name);
  const time = (ms: number | undefined): string | null => (ms === undefined ? null : isoTime(ms));
  const timeout = state.deadlines[`timeout:${task.id}`];
  const meta = { ...definition?.meta, ...(task.guidance === undefined ? {} : { guidance: task.guidance }) };
  return {
    task_id: task.id,
    phase: task.phase,
    visit: task.visit,
    name: task.name,
    kind: task.kind,
    text: task.text ?? null,
    status: task.status,
    ...(task.index === undefined ? {} : { index: task.index, item: task.item ?? null }),
    ...(task.child === undefined ? {} : { instance_id: task.child }),
    attempts: task.attempts,
    opened_at: time(task.opened_at),
    closed_at: time(task.closed_at),
    ...(task.claim
      ? { claimed_by: task.claim.agent_id, lease_expires_at: isoTime(task.claim.expires_at) }
      : {}),
    ...(task.waits === 'approval' && definition ? { allowed_decisions: allowedDecisions(definition) } : {}),
    ...(task.waits ? { waiting_for: task.waits } : {}),
    ...(task.context === undefined ? {} : { context: task.context }),
    ...(Object.keys(meta).length > 0 ? { meta } : {}),
    ...(definition?.expects ? { expects: definition.expects } : {}),
    ...(task.error ? { error: task.error } : {}),
    ...(timeout ? { timeout_at: isoTime(timeout.at) } : {}),
  };
}
