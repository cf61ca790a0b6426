import {
  Client,
  Connection,
  NamespaceNotFoundError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Done } from './work.js';

/** A task as the engine shows it, as far as an agent looks at it. The names are those of the wire. */
export interface AgentTask {
  readonly task_id: string;
  readonly kind: string;
  readonly status: string;
  readonly attempts: number;
  readonly text: string | null;
  readonly index?: number;
  readonly item?: unknown;
  readonly context?: unknown;
  readonly meta?: { readonly role?: string };
  readonly claimed_by?: string;
  readonly claim_id?: string;
  readonly lease_expires_at?: string;
  /** The child that does it, where it is done by one. */
  readonly instance_id?: string;
}

/** What an instance shows of itself. */
export interface InstanceView {
  readonly closed: boolean;
  readonly tasks: readonly AgentTask[];
  /** Ids of the children that do its open tasks. */
  readonly children: readonly string[];
}

/** What comes of a message: applied, or refused because someone else was first or the instance went on. */
export type Outcome = 'applied' | 'too_late';

/**
 * An agent's way to one instance: a query and three updates. Calls survive the loss of the server and of the worker:
 * they are sent again until they are answered, and each message carries an id, so the engine applies it once.
 */
export interface InstanceLink {
  look(): Promise<InstanceView>;
  /** The task with its `claim_id`, or null where another agent was first. */
  claim(task: AgentTask): Promise<AgentTask | null>;
  heartbeat(claimId: string): Promise<Outcome>;
  complete(task: AgentTask, done: Done): Promise<Outcome>;
  fail(task: AgentTask, error: { readonly type: string; readonly message: string }): Promise<Outcome>;
}

/** An agent's way to the engine: Temporal's own client, nothing of ChatFlow's. */
export interface EngineLink {
  instance(id: string): InstanceLink;
  close(): Promise<void>;
}

export interface EngineLinkOptions {
  readonly address: string;
  readonly namespace: string;
  /** Names the agent in claims and in the history. */
  readonly agentId: string;
  readonly leaseSec: number;
  /** How long the engine may be away before a call gives up. */
  readonly patienceMs: number;
}

/** Refusals that only say that the work is not wanted any more. */
const TOO_LATE = new Set([
  'TaskAlreadyClaimedError',
  'TaskNotFoundError',
  'PhaseMismatchError',
  'WorkflowClosedError',
]);
const OPEN_STATUSES = new Set(['created', 'running', 'paused']);
const CALL_DEADLINE_MS = 15_000;
/** gRPC: cancelled, deadline exceeded, resource exhausted, failed precondition (no worker yet), aborted, internal, unavailable. */
const TRANSIENT_CODES = new Set([1, 4, 8, 9, 10, 13, 14]);

/** Connects lazily: the server need not be there yet. */
export function createEngineLink(options: EngineLinkOptions): EngineLink {
  const connection = Connection.lazy({ address: options.address });
  const client = new Client({ connection, namespace: options.namespace });
  const patiently: Patiently = async (call) =>
    retryWhileAway(() => connection.withDeadline(Date.now() + CALL_DEADLINE_MS, call), options.patienceMs);
  return {
    instance: (id) => createInstanceLink(client.workflow.getHandle(id), patiently, options),
    close: () => connection.close(),
  };
}

type Patiently = <T>(call: () => Promise<T>) => Promise<T>;

function createInstanceLink(
  handle: WorkflowHandle,
  patiently: Patiently,
  { agentId: agent_id, leaseSec: lease_sec }: EngineLinkOptions,
): InstanceLink {
  const update = async <T>(name: string, input: unknown): Promise<T | null> => {
    try {
      return await patiently(() => handle.executeUpdate<T, [unknown]>(name, { args: [input] }));
    } catch (error) {
      if (isTooLate(error)) return null;
      throw error;
    }
  };
  const trigger = async (task: AgentTask, rest: Readonly<Record<string, unknown>>): Promise<Outcome> => {
    const meta = { actor: agent_id };
    const input = { task: task.task_id, claim_id: task.claim_id, trigger_id: attemptOf(task), meta, ...rest };
    return (await update('trigger_next_step', input)) === null ? 'too_late' : 'applied';
  };
  return {
    look: async () => {
      try {
        return viewOf(await patiently(() => handle.query<WireState>('get_workflow_state')));
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { closed: true, tasks: [], children: [] };
        if (error instanceof QueryNotRegisteredError) return NOT_READY;
        throw error;
      }
    },
    claim: (task) => {
      const request = { agent_id, task: task.task_id, lease_sec, request_id: attemptOf(task) };
      return update<AgentTask>('claim_task', request);
    },
    heartbeat: async (claim_id) => {
      const task = await update('heartbeat_task', { claim_id, lease_sec });
      return task === null ? 'too_late' : 'applied';
    },
    // No `cost_usd`: nobody knows a price, so the engine counts the tokens as unpriced.
    complete: (task, { answer, tokens }) => trigger(task, { trigger_data: answer, usage: { tokens } }),
    fail: (task, error) => trigger(task, { outcome: 'failed', error }),
  };
}

/** Names an attempt of a task: what is sent twice for it is applied once. */
function attemptOf({ task_id, attempts }: AgentTask): string {
  return `${task_id}/${String(attempts)}`;
}

/** A child that is being prepared refuses queries. */
const NOT_READY: InstanceView = { closed: false, tasks: [], children: [] };

function viewOf({ status, tasks }: WireState): InstanceView {
  const children = tasks.filter((task) => task.status === 'open').map((task) => task.instance_id);
  return {
    closed: !OPEN_STATUSES.has(status),
    tasks,
    children: children.filter((id) => id !== undefined),
  };
}

interface WireState {
  readonly status: string;
  readonly tasks: readonly AgentTask[];
}

function isTooLate(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true; // closed: nobody waits for the answer
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure && TOO_LATE.has(cause.type ?? '');
}

async function retryWhileAway<T>(call: () => Promise<T>, patienceMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2000)) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || Date.now() > deadline) throw error;
      await delay(pauseMs);
    }
  }
}

/** Whether the server, or the worker behind it, may answer the same call a moment later. */
function isTransient(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  if (error instanceof NamespaceNotFoundError) return true; // a server that has just come up
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && TRANSIENT_CODES.has(cause.code);
}
