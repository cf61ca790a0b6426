import type { InstanceState } from './state.js';

/**
 * A fresh instance that goes on from another's finished work: what that one was, spent and told stays its own, and its
 * children with it; a task that a child had done or failed still knows which.
 * @param fresh the instance as it would begin anew
 * @param seed the other as it closed, on the same definition
 */
export function seedInstance(fresh: InstanceState, seed: InstanceState): InstanceState {
  const { closed_at, variables, phases, tasks, current, visits, visits_truncated } = seed;
  const { failed_visit, failed_entry, failure, finally_done, reusable, compensations, next_order } = seed;
  const ended = closed_at ?? seed.updated_at;
  return {
    ...fresh,
    // One that was cancelled goes on like one that failed.
    status: 'failed',
    closed_at,
    variables: { ...fresh.variables, ...variables },
    phases,
    tasks,
    current,
    visits,
    visits_truncated,
    failed_visit,
    failed_entry,
    failure,
    finally_done,
    reusable,
    compensations,
    next_order,
    artifacts: seed.artifacts,
    // Its time begins with the retry.
    clock: { started_at: ended, carried_ms: 0, paused_ms: 0 },
  };
}
