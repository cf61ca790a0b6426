import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowStatusInfo } from '../core/shapes.js';
import type { ClientContext } from './client-context.js';
import { isClosed } from './overlay-end.js';
import { readStatusInfo } from './read-instance.js';
import type { WatchOptions } from './requests.js';
import { untilAborted } from './until-aborted.js';

const SHORTEST_MS = 200;
const LONGEST_MS = 2000;
const FACTOR = 1.5;

/**
 * The status of an instance now and after each change that is seen, until it has closed. It asks often while
 * something happens and less often while nothing does: a change is seen two seconds late at most.
 */
export async function* watchInstance(
  context: ClientContext,
  instanceId: string,
  { signal }: WatchOptions = {},
): AsyncGenerator<WorkflowStatusInfo> {
  let last = '';
  let wait = SHORTEST_MS;
  while (signal?.aborted !== true) {
    const info = await untilAborted(readStatusInfo(context, instanceId), signal);
    if (info === null) return;
    const text = JSON.stringify(info);
    wait = text === last ? Math.min(wait * FACTOR, LONGEST_MS) : SHORTEST_MS;
    if (text !== last) yield info;
    if (isClosed(info.status)) return;
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
