import { ChatFlowError } from '../core/errors.js';
import { TASK_QUEUE } from '../workflows/messages.js';
import type { ClientContext } from './client-context.js';
import { nobodyPolls, translateError, unavailable } from './translate-error.js';
import type { CallFacts } from './translate-error.js';
import { readWorkerPoll } from './worker-poll.js';

/**
 * Runs one call to Temporal within the client's deadline, and makes ChatFlow's errors of Temporal's.
 *
 * @throws TemporalUnavailableError where no server answers; WorkerUnavailableError where the server does, but nobody
 *   took the work; TimeoutError where a worker is there and did not answer in time
 */
export async function callTemporal<T>(
  context: ClientContext,
  call: () => Promise<T>,
  instanceId?: string,
): Promise<T> {
  const startedAt = Date.now();
  const facts = callFacts(context, instanceId);
  try {
    return await context.client.withDeadline(startedAt + context.deadlineMs, call);
  } catch (error) {
    const translated = translateError(error, facts);
    if (translated.type !== 'TimeoutError' || error instanceof ChatFlowError) throw translated;
    throw await explainDeadline(context, facts, startedAt, translated);
  }
}

/** What error messages of this client name. */
export function callFacts(context: ClientContext, instanceId?: string): CallFacts {
  const { address, namespace } = context;
  return { address, namespace, ...(instanceId !== undefined && { instanceId }) };
}

/**
 * Why nobody answered. A worker that has ended stays in the server's list for minutes, with the time of its last
 * poll; so what counts is whether anybody has polled since the call began (a task that a worker's cache did not take
 * comes back to the queue meanwhile).
 */
async function explainDeadline(
  context: ClientContext,
  facts: CallFacts,
  startedAt: number,
  timeout: ChatFlowError,
): Promise<ChatFlowError> {
  const lastPoll = await readWorkerPoll(context.client.connection, context.namespace).catch(
    (error: unknown) => translateError(error, facts),
  );
  if (lastPoll instanceof ChatFlowError) {
    const unreachable = lastPoll.type === 'TimeoutError' || lastPoll.type === 'TemporalUnavailableError';
    return unreachable ? unavailable(facts, lastPoll, 'no answer within the deadline') : lastPoll;
  }
  const seconds = context.deadlineMs / 1000;
  if (lastPoll !== null && lastPoll >= startedAt) {
    const message = `The worker did not answer within ${seconds} s; the call may still take effect`;
    return new ChatFlowError(
      'TimeoutError',
      `${message}: repeat it with the same trigger_id`,
      timeout.details,
      {
        cause: timeout,
      },
    );
  }
  const since = lastPoll === null ? '' : ` since ${new Date(lastPoll).toISOString()}`;
  return new ChatFlowError(
    'WorkerUnavailableError',
    `No worker answered within ${seconds} s: ${nobodyPolls(facts, since)}; a change that was asked for may be made then`,
    { ...timeout.details, task_queue: TASK_QUEUE },
    { cause: timeout },
  );
}
