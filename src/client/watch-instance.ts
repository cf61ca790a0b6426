import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowStatusInfo, WorkflowTreeMonitor } from '../core/shapes.js';
import type { ClientContext } from './client-context.js';
import { isClosed } from './overlay-end.js';
import { readStatusInfo } from './read-instance.js';
import { readTreeMonitor } from './read-tree.js';
import type { MonitorOptions, WatchOptions } from './requests.js';
import { untilAborted } from './until-aborted.js';

const SHORTEST_MS = 200;
const LONGEST_MS = 2000;
const FACTOR = 1.5;
/** As deep as trees go. */
const WHOLE_TREE = 100;

/**
 * The status of an instance now and after each change that is seen, until it has closed. It asks often while
 * something happens and less often while nothing does: a change is seen two seconds late at most.
 */
export function watchInstance(
  context: ClientContext,
  instanceId: string,
  options: WatchOptions = {},
): AsyncGenerator<WorkflowStatusInfo> {
  const read = (): Promise<WorkflowStatusInfo> => readStatusInfo(context, instanceId);
  return watchChanges(read, { status: ({ status }) => status, essence: (info) => info }, options);
}

/** The same of a whole tree, until its root has closed. */
export function watchTree(
  context: ClientContext,
  rootId: string,
  options: WatchOptions & MonitorOptions = {},
): AsyncGenerator<WorkflowTreeMonitor> {
  const read = (): Promise<WorkflowTreeMonitor> =>
    readTreeMonitor(context, rootId, { depth: options.depth ?? WHOLE_TREE });
  const of = {
    status: ({ root }: WorkflowTreeMonitor) => root.status,
    // Times go on while nothing changes.
    essence: ({ root, children }: WorkflowTreeMonitor) => ({ root, children }),
  };
  return watchChanges(read, of, options);
}

interface Watched<T> {
  readonly status: (value: T) => WorkflowStatusInfo['status'];
  /** What has changed where this has. */
  readonly essence: (value: T) => unknown;
}

async function* watchChanges<T>(
  read: () => Promise<T>,
  { status, essence }: Watched<T>,
  { signal }: WatchOptions,
): AsyncGenerator<T> {
  let last = '';
  let wait = SHORTEST_MS;
  while (signal?.aborted !== true) {
    const value = await untilAborted(read(), signal);
    if (value === null) return;
    const text = JSON.stringify(essence(value));
    wait = text === last ? Math.min(wait * FACTOR, LONGEST_MS) : SHORTEST_MS;
    if (text !== last) yield value;
    if (isClosed(status(value))) return;
    last = text;
    if (!(await sleep(wait, signal))) return;
  }
}

/** False where the caller wants no more. */
async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}
