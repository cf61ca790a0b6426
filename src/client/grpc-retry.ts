/**
 * Which failed calls to Temporal are tried again within their deadline. The SDK's own policy waits seconds where the
 * server only says "ten updates of this instance are in flight": fifty agents at once would run into their deadlines.
 */
import { isRetryableError } from '@temporalio/client';
import type { GrpcRetryOptions } from '@temporalio/client';

type StatusObject = Parameters<GrpcRetryOptions['retryableDecider']>[1];

const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** A busy server is asked until the deadline; without one (a long wait) up to here. */
const MOST_ATTEMPTS = 200;
/** A server that isn't there: about two seconds, enough for one that restarts its connections. */
const UNREACHABLE_ATTEMPTS = 5;
const FIRST_MS = 100;
const BUSY_FIRST_MS = 20;
const LONGEST_MS = 1000;

/** Whether a call that ended with this status is sent again. Attempts count from 1. */
export function shouldRetry(attempt: number, status: StatusObject): boolean {
  // The same code says that a message is too large, which no waiting changes.
  if (/larger than max|message size/i.test(status.details)) return false;
  if (isBusy(status)) return attempt < MOST_ATTEMPTS;
  return attempt < UNREACHABLE_ATTEMPTS && isRetryableError(status);
}

/** How long to wait before the next attempt, with jitter so that those refused together do not come back together. */
export function retryDelayMs(attempt: number, status: StatusObject): number {
  const first = isBusy(status) ? BUSY_FIRST_MS : FIRST_MS;
  const longest = Math.min(LONGEST_MS, first * 2 ** Math.min(attempt - 1, 10));
  return longest * (0.5 + Math.random() / 2);
}

/** The server is there and says "not now": a limit, or an update that it dropped before the workflow has seen it. */
function isBusy({ code, details }: StatusObject): boolean {
  if (code === RESOURCE_EXHAUSTED) return true;
  return (code === UNAVAILABLE || code === FAILED_PRECONDITION) && isDroppedUpdate(details);
}

/**
 * An update that was not applied and may be sent again, with the same update id: the server asks for it ("workflow
 * update was aborted"), or the task in which it would have closed the run came too late, as a timer or a signal had
 * arrived meanwhile ("unexpected workflow task failure"), or worker after worker has died with the instance's task in
 * hand: then the server takes no update until one has done it ("update due to Workflow Task in failed state").
 */
export function isDroppedUpdate(details: string): boolean {
  return /update was aborted|unexpected workflow task failure|update due to workflow task in failed state/i.test(
    details,
  );
}
