/** What an instance says of itself in a word: its status, what it waits for, how far it is. */
import { indexDefinition, phasePosition } from './definition-index.js';
import type { InstanceStatus, WaitingFor } from './shapes.js';
import type { InstanceState } from './state.js';

/** The status that readers see: a pause lies over an open instance. */
export function statusOf(state: InstanceState): InstanceStatus {
  return state.paused && state.closed_at === null ? 'paused' : state.status;
}

/** Of several kinds of waiting, the one that needs somebody first. */
const PRECEDENCE: readonly WaitingFor[] = ['agent', 'approval', 'executor', 'children', 'timer'];

/** What the open tasks wait for; null where nothing is open. */
export function waitingForOf(state: InstanceState): WaitingFor | null {
  if (state.closed_at !== null) return null;
  const kinds = new Set<WaitingFor>();
  for (const task of Object.values(state.tasks)) {
    if (task.status === 'open' && task.waits) kinds.add(task.waits);
  }
  if (state.compensation_running) kinds.add('executor');
  if (Object.values(state.children ?? {}).some(({ stage }) => stage !== 'closed')) kinds.add('children');
  return PRECEDENCE.find((kind) => kinds.has(kind)) ?? null;
}

/** 0-1: phases behind it in the document over phases in all. */
export function progressOf(state: InstanceState): number {
  if (state.status === 'completed') return 1;
  const total = indexDefinition(state.definition).phases.size;
  if (!state.current || total === 0) return 0;
  return Math.round((phasePosition(state.definition, state.current.phase) / total) * 1000) / 1000;
}
