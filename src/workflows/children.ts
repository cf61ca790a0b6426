/** Children as Temporal's child workflows: started, cancelled, signalled; their ends become events of the interpreter. */
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  Trigger,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  proxyLocalActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import type { EngineActivities } from '../activities/activity-types.js';
import { undecodableReason } from '../core/decode-input.js';
import type { Command } from '../core/command.js';
import type { Problem } from '../core/errors.js';
import { checkJson } from '../json/check-json.js';
import { isJsonObject, type Json } from '../json/json.js';
import type { SubtreeReport } from '../core/child-state.js';
import type { InstanceState } from '../core/state.js';
import { problemOf } from './failures.js';
import type { InstanceEvent } from './instance.js';
import { TASK_QUEUE, WORKFLOW_TYPE, type ChildResult, type StartInput } from './messages.js';

type Start = Extract<Command, { type: 'start_child' }>;
type ClosedEvent = Extract<InstanceEvent, { type: 'child_closed' }>;

const { 'chatflow.keepDefinition': keepDefinition } = proxyLocalActivities<
  Pick<EngineActivities, 'chatflow.keepDefinition'>
>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
});

const { 'chatflow.readLeftBehind': readLeftBehind } = proxyActivities<
  Pick<EngineActivities, 'chatflow.readLeftBehind'>
>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
});

export class Children {
  private readonly scopes = new Map<string, CancellationScope>();
  /** Those that the server may not know yet. */
  private readonly starting = new Map<string, Trigger<void>>();
  private readonly kept = new Map<string, Promise<void>>();
  /** The last signal to each receiver that is on its way: the next one waits for it, so that their order holds. */
  private readonly sending = new Map<string, Promise<void>>();
  private readonly tenantId: string;
  private readonly version: number;
  private readonly receive: (event: InstanceEvent) => void;

  constructor(
    { tenant_id, engine_version }: Pick<InstanceState, 'tenant_id' | 'engine_version'>,
    receive: (event: InstanceEvent) => void,
  ) {
    this.tenantId = tenant_id;
    this.version = engine_version;
    this.receive = receive;
  }

  /** Starts a child; what becomes of it comes back as events. */
  start(command: Start): void {
    const scope = new CancellationScope({ cancellable: true });
    this.scopes.set(command.instance_id, scope);
    this.starting.set(command.instance_id, new Trigger());
    void scope
      .run(() => this.run(command))
      .then((event) => {
        this.scopes.delete(command.instance_id);
        this.noteStart(command.instance_id);
        this.receive(event);
      });
  }

  /** Asks a child to end gracefully. */
  cancel(instanceId: string): void {
    this.scopes.get(instanceId)?.cancel();
  }

  /**
   * Signals a child, as soon as it has been started, or the parent. One that is gone hears nothing: that is its end's
   * matter, not the sender's.
   */
  signal(instanceId: string, name: string, argument: Json): Promise<void> {
    if (this.version < 6) return this.send(instanceId, name, argument);
    const before = this.sending.get(instanceId);
    const sent = before
      ? before.then(() => this.send(instanceId, name, argument))
      : this.send(instanceId, name, argument);
    const done = sent.then(() => {
      if (this.sending.get(instanceId) === done) this.sending.delete(instanceId);
    });
    this.sending.set(instanceId, done);
    return done;
  }

  /** A signal is on its way: it would be lost with the run. */
  get isSending(): boolean {
    return this.sending.size > 0;
  }

  private async send(instanceId: string, name: string, argument: Json): Promise<void> {
    const starting = this.starting.get(instanceId);
    if (starting) await starting;
    try {
      await CancellationScope.nonCancellable(() =>
        getExternalWorkflowHandle(instanceId).signal(name, argument),
      );
    } catch (error) {
      log.info('A signal found nobody', { instanceId, name, error });
    }
  }

  private async run({ instance_id, definition, input }: Start): Promise<InstanceEvent> {
    try {
      const { document, ...reference } = definition;
      if (document !== undefined && reference.digest !== undefined)
        await this.unlessCancelled(this.keep(reference.digest, document));
      const handle = await startChild(WORKFLOW_TYPE, {
        workflowId: instance_id,
        taskQueue: workflowInfo().taskQueue || TASK_QUEUE,
        args: [{ ...input, ...startOf(reference) } satisfies StartInput],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        workflowTaskTimeout: '5 seconds',
      });
      this.noteStart(instance_id);
      this.receive({ type: 'child_started', instance_id });
      return completedEvent(instance_id, await handle.result());
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError)
        return { type: 'child_id_taken', instance_id };
      const event = endedEvent(instance_id, error);
      if (this.version < 9 || event.status !== 'terminated') return event;
      return this.withLeftBehind(event);
    }
  }

  /**
   * One that was ended from outside has told nothing of its end: it is asked what it has come to, before its end is told.
   * Where nobody can answer for an hour, what it had told last stands.
   */
  private async withLeftBehind(event: ClosedEvent): Promise<ClosedEvent> {
    const { instance_id } = event;
    try {
      const { report, reason } = await CancellationScope.nonCancellable(() =>
        readLeftBehind({ instance_id }),
      );
      return { ...withReason(event, reason), ...(report === null ? {} : { report }) };
    } catch (error) {
      log.error('What a terminated child has used could not be read', { instance_id, error });
      return event;
    }
  }

  /**
   * A local activity that ends as its workflow task does is heard of in the next one, and in a replay in the same one: at
   * another time. So a cancellation is not left to wait for it.
   */
  private unlessCancelled(keeping: Promise<void>): Promise<void> {
    if (this.version < 6) return keeping;
    return Promise.race([keeping, CancellationScope.current().cancelRequested]);
  }

  /** Whoever waits to signal it may. */
  private noteStart(instanceId: string): void {
    this.starting.get(instanceId)?.resolve();
    this.starting.delete(instanceId);
  }

  /** Puts an inline definition into the store, once a run: for all children of it, whichever of them is cancelled. */
  private keep(digest: string, document: Parameters<typeof keepDefinition>[0]['document']): Promise<void> {
    const known = this.kept.get(digest);
    if (known) return known;
    const keeping = CancellationScope.nonCancellable(() =>
      keepDefinition({ tenant_id: this.tenantId, digest, document }),
    );
    this.kept.set(digest, keeping);
    keeping.catch(() => this.kept.delete(digest));
    return keeping;
  }
}

function startOf({
  schema_id,
  digest,
}: Start['definition']): Pick<StartInput, 'schema_id' | 'schema_digest'> {
  const named = schema_id === undefined ? {} : { schema_id };
  return digest === undefined ? { schema_id: schema_id ?? '' } : { ...named, schema_digest: digest };
}

function completedEvent(instance_id: string, returned: unknown): ClosedEvent {
  const wrapped = isJsonObject(returned) ? (returned as Partial<ChildResult>) : {};
  const result = wrapped.result ?? null;
  const unreadable = undecodableReason(returned) ?? checkJson(result);
  if (unreadable !== null) {
    const problem = {
      type: 'InvalidInputError',
      message: `The child's result cannot be kept: ${unreadable}`,
    };
    return {
      type: 'child_closed',
      instance_id,
      status: 'failed',
      result: null,
      problem,
      ...reportIn(wrapped.report),
    };
  }
  return {
    type: 'child_closed',
    instance_id,
    status: 'completed',
    result,
    problem: null,
    ...reportIn(wrapped.report),
  };
}

/** How a child ended that did not complete; one that was ended from outside leaves no report. */
function endedEvent(instance_id: string, error: unknown): ClosedEvent {
  const cause = error instanceof ChildWorkflowFailure ? (error.cause ?? error) : error;
  const ended = { type: 'child_closed', instance_id, result: null } as const;
  if (cause instanceof CancelledFailure)
    return {
      ...ended,
      status: 'cancelled',
      problem: problem('was cancelled', 'cancelled'),
      ...reportOf(cause),
    };
  if (cause instanceof TerminatedFailure)
    return { ...ended, status: 'terminated', problem: problem('was terminated', 'terminated') };
  if (cause instanceof TimeoutFailure)
    return { ...ended, status: 'terminated', problem: problem('has timed out', 'terminated') };
  const known = problemOf(cause);
  return { ...ended, status: 'failed', problem: withChild(known), ...reportOf(cause) };

  function problem(how: string, status: string): Problem {
    const details = { instance_id, status };
    return { type: 'WorkflowFailedError', message: `The child ${how} [instance_id=${instance_id}]`, details };
  }

  function withChild(own: Problem): Problem {
    const details = isJsonObject(own.details) ? own.details : {};
    return { ...own, details: { ...details, instance_id } };
  }
}

function withReason(event: ClosedEvent, reason: string | null): ClosedEvent {
  const { problem, instance_id, status } = event;
  if (problem === null || reason === null) return event;
  const message = `The child was terminated: ${reason} [instance_id=${instance_id}]`;
  return { ...event, problem: { ...problem, message, details: { instance_id, status, reason } } };
}

/** The second of a failure's details is the report of the subtree. */
function reportOf(cause: unknown): { report?: SubtreeReport } {
  if (!(cause instanceof ApplicationFailure) && !(cause instanceof CancelledFailure)) return {};
  return reportIn(cause.details?.[1]);
}

function reportIn(report: unknown): { report?: SubtreeReport } {
  return isJsonObject(report) ? { report: report as unknown as SubtreeReport } : {};
}
