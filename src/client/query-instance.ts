import { setTimeout as delay } from 'node:timers/promises';
import { ChatFlowError } from '../core/errors.js';
import type { Json } from '../json/json.js';
import type { QueryName } from '../workflows/messages.js';
import { callTemporal } from './call-temporal.js';
import type { ClientContext } from './client-context.js';

/** How often an instance that is still being prepared is asked again. */
const PREPARING_MS = 50;

/** Instances asked at once: each costs a worker some milliseconds. */
export const AT_ONCE = { concurrency: 5 } as const;

/** A query and its arguments. */
export interface Question {
  readonly query: QueryName;
  readonly args?: readonly Json[];
}

/** Asks the instance itself; a worker must be there. One that is still being prepared is waited for. */
export async function queryInstance<T>(
  context: ClientContext,
  instanceId: string,
  question: Question,
): Promise<T> {
  const deadline = Date.now() + context.deadlineMs;
  for (;;) {
    try {
      return await queryOnce<T>(context, instanceId, question);
    } catch (error) {
      if (!isPreparing(error) || Date.now() > deadline) throw error;
      await delay(PREPARING_MS);
    }
  }
}

/** The same, without patience. */
export async function queryOnce<T>(
  context: ClientContext,
  instanceId: string,
  { query, args = [] }: Question,
): Promise<T> {
  const handle = context.client.workflow.getHandle(instanceId);
  return callTemporal(context, () => handle.query<T, Json[]>(query, ...args), instanceId);
}

/** For `catch`: one that gives no answer of its own is as others know it. That there is no server, is no answer. */
export function toNull(error: unknown): null {
  if (error instanceof ChatFlowError && error.type !== 'TemporalUnavailableError') return null;
  throw error;
}

/** Whether an instance has answered that `chatflow.prepare` still runs. */
export function isPreparing(error: unknown): boolean {
  return error instanceof ChatFlowError && error.details['preparing'] === true;
}
