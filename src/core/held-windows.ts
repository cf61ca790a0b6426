/** A foreach of children past the mark for continue-as-new: its elements wait for the next run, as long as one may come. */
import type { InstanceState } from './state.js';
import { openChildrenOf } from './tree-figures.js';
import type { Turn } from './turn.js';

/** Opens no further element of any foreach of children. */
export function holdWindows(turn: Turn): void {
  turn.state.windows_held = true;
}

/** Lets every foreach go on. */
export function releaseWindows(turn: Turn): void {
  if (!turn.state.windows_held) return;
  delete turn.state.windows_held;
  for (const task of Object.values(turn.state.tasks))
    if (task.status === 'open' && task.foreach) turn.attention.push(task.id);
}

/** Whether elements are held although no element is open: what keeps the next run from coming are other children. */
export function areWindowsHeldByOthers(state: InstanceState): boolean {
  if (!state.windows_held) return false;
  const isElement = (id: string | undefined): boolean =>
    id !== undefined && state.tasks[id]?.group !== undefined;
  const open = openChildrenOf(state);
  if (open.length === 0 || open.some(({ task }) => isElement(task))) return false;
  return Object.values(state.tasks).some(
    ({ kind, status, foreach }) =>
      kind === 'subworkflow' &&
      status === 'open' &&
      foreach !== undefined &&
      foreach.next < foreach.items.length,
  );
}
