import type { ConnectionLike } from '@temporalio/client';
import { TASK_QUEUE } from '../workflows/messages.js';

/** Enough for a server that is there. */
const DEADLINE_MS = 3000;
/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_QUEUE = 1;

/**
 * When a worker last asked for work on ChatFlow's queue, in milliseconds since the epoch; null where none is known.
 * One that has ended stays in the server's list for minutes, with the time at which its last poll ended.
 */
export async function readWorkerPoll(connection: ConnectionLike, namespace: string): Promise<number | null> {
  const answer = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_QUEUE,
    }),
  );
  const times = (answer.pollers ?? []).map(({ lastAccessTime: time }) =>
    time?.seconds == null ? 0 : Number(String(time.seconds)) * 1000 + Math.floor((time.nanos ?? 0) / 1e6),
  );
  return times.length === 0 ? null : Math.max(...times);
}
