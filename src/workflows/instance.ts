/**
 * One instance in its workflow: receive an event, ask `transition`, perform the commands. Everything here is
 * synchronous, so a handler that has returned has left nothing unfinished.
 */
import { CancellationScope, proxyActivities, uuid4, workflowInfo } from '@temporalio/workflow';
import type { Command } from '../core/command.js';
import { undecodableReason } from '../core/decode-input.js';
import type { Problem } from '../core/errors.js';
import type { CoreEvent } from '../core/event.js';
import { nextDeadline } from '../core/pass-deadlines.js';
import type { InstanceState } from '../core/state.js';
import { makeReport, REPORT_SIGNAL } from '../core/report-up.js';
import { transition } from '../core/transition.js';
import { checkJson } from '../json/check-json.js';
import type { Json } from '../json/json.js';
import { Alarm } from './alarm.js';
import { Children } from './children.js';
import { problemOf } from './failures.js';
import { Pacer } from './pacer.js';
import { PUBLISH_INTERVAL_MS, StatusPublisher } from './publish-status.js';

type Unstamped<E> = E extends CoreEvent ? Omit<E, 'at'> : never;
/** An event before the workflow's clock has dated it. */
export type InstanceEvent = Unstamped<CoreEvent>;

type Outcome = ReturnType<typeof transition>;

/** What `transition` has answered to an update's validator. */
interface Foreseen {
  readonly updateId: string;
  readonly at: number;
  readonly from: InstanceState;
  readonly outcome: Outcome;
}

export class Instance {
  private current: InstanceState;
  private readonly attempts = new Map<string, CancellationScope>();
  private readonly alarm = new Alarm((dueAt) => this.ring(dueAt));
  private readonly children: Children;
  private readonly publisher: StatusPublisher;
  private readonly pacer = new Pacer(() => this.current.closed_at !== null);
  private foreseen: Foreseen | null = null;
  private isTogether = false;
  /** Triggers, signals and updates of this run: one of the marks for continue-as-new. */
  inputs = 0;

  constructor(state: InstanceState) {
    this.current = state;
    this.publisher = new StatusPublisher(state.engine_version);
    this.children = new Children(state, (event) => void this.inTurn(() => this.apply(event)));
  }

  get state(): InstanceState {
    return this.current;
  }

  /** What an event would do, without doing it. */
  preview(event: InstanceEvent): { readonly reply: Json; readonly refusal: Problem | null } {
    return transition(this.current, { ...event, at: Date.now() });
  }

  /**
   * Why an update's event would be refused, asked by its validator. What it would lead to is kept for its handler,
   * which asks for the same in the same activation: `transition` is pure, so there is one answer to both.
   */
  foresee(updateId: string, event: InstanceEvent): Problem | null {
    const at = Date.now();
    const outcome = transition(this.current, { ...event, at });
    this.foreseen = outcome.refusal ? null : { updateId, at, from: this.current, outcome };
    return outcome.refusal;
  }

  /**
   * Applies an event and performs what follows. A refusal has changed nothing.
   * @param updateId of the update that brings the event, where its validator has asked `foresee`
   */
  apply(
    event: InstanceEvent,
    updateId: string | null = null,
  ): { readonly reply: Json; readonly refusal: Problem | null } {
    return this.accept(this.takeForeseen(updateId) ?? transition(this.current, { ...event, at: Date.now() }));
  }

  /**
   * Applies the event that begins a run. Where it leaves nothing but a wait for inputs, its workflow task has no command,
   * and a worker that reads the history back for the first update runs both as one task, at the update's time: two
   * times for one event, of which a later replay takes the first. So it has the run's own time then, which is one
   * (ADR 12).
   */
  begin(event: InstanceEvent): { readonly refusal: Problem | null } {
    const outcome = transition(this.current, { ...event, at: Date.now() });
    const isQuiet = outcome.commands.length === 0 && nextDeadline(outcome.state) === null;
    if (this.current.engine_version < 8 || !isQuiet) return this.accept(outcome);
    return this.accept(transition(this.current, { ...event, at: workflowInfo().startTime.getTime() }));
  }

  private accept(outcome: Outcome): Outcome {
    this.pacer.spend(outcome.cost);
    if (outcome.refusal) return outcome;
    this.current = outcome.state;
    for (const command of outcome.commands) this.perform(command);
    this.afterChange();
    return outcome;
  }

  /** Runs what has come: at once, or in its turn where this workflow task has done enough. */
  inTurn<T>(run: () => T | Promise<T>): T | Promise<T> {
    return this.current.engine_version < 3 ? run() : this.pacer.enter(run);
  }

  /** Nothing that has come still waits for its turn, and nothing that was sent for its delivery. */
  get isIdle(): boolean {
    return this.pacer.isIdle && !this.children.isSending;
  }

  /** Everything that was sent has arrived. */
  get hasDelivered(): boolean {
    return !this.children.isSending;
  }

  /** Runs for each element in their order, over as many workflow tasks as that takes. */
  forEach<E, R>(elements: readonly E[], run: (element: E) => R): readonly R[] | Promise<readonly R[]> {
    const results: R[] = [];
    const goOn = (): readonly R[] | Promise<readonly R[]> => {
      this.applyTogether(() => {
        do {
          const next = elements.slice(results.length, results.length + 1);
          results.push(...next.map(run));
        } while (results.length < elements.length && !this.isSpent);
      });
      return results.length === elements.length ? results : this.pacer.rest().then(goOn);
    };
    return goOn();
  }

  private get isSpent(): boolean {
    return this.current.engine_version >= 3 && this.pacer.isSpent;
  }

  /** Runs what applies many events, and publishes once for all of them. */
  private applyTogether<T>(run: () => T): T {
    if (this.current.engine_version < 2) return run();
    this.isTogether = true;
    try {
      return run();
    } finally {
      this.isTogether = false;
      this.afterChange();
    }
  }

  /** Publishes and arms the alarm after the state was set from outside: a start, a continue-as-new. */
  afterChange(): void {
    if (this.isTogether || this.current.closed_at !== null) return;
    const now = Date.now();
    const publishAt = this.publisher.publish(this.current, now, this.publisher.isIncomplete);
    const deadline = nextDeadline(this.current);
    // An alarm that was for what is published now costs one event to drop, and four to let ring.
    if (publishAt === null && this.current.engine_version >= 2)
      this.alarm.dropBefore(Math.min(deadline ?? Infinity, now + PUBLISH_INTERVAL_MS));
    this.alarm.set(publishAt === null ? deadline : Math.min(publishAt, deadline ?? publishAt));
  }

  /** The last report to the parent, where there is one; returns once it has been delivered. */
  async tellEnd(): Promise<void> {
    const { parent_instance_id: parent, instance_id, closed_at, updated_at } = this.current;
    if (parent === null) return;
    const report = makeReport(this.current, closed_at ?? updated_at);
    await this.children.signal(parent, REPORT_SIGNAL, { instance_id, report } as unknown as Json);
  }

  /** The last upsert, before the execution closes. */
  publishEnd(): void {
    this.publisher.publish(this.current, Date.now(), true);
  }

  /** In a replay no validator has run, and after any other event the answer is another: then there is none. */
  private takeForeseen(updateId: string | null): Outcome | null {
    const { foreseen } = this;
    this.foreseen = null;
    const holds =
      foreseen?.updateId === updateId && foreseen.from === this.current && foreseen.at === Date.now();
    return holds ? foreseen.outcome : null;
  }

  private ring(dueAt: number): void {
    const deadline = nextDeadline(this.current);
    if (deadline !== null && deadline <= dueAt) this.apply({ type: 'deadline_passed', due: dueAt });
    else this.afterChange();
  }

  private perform(command: Command): void {
    switch (command.type) {
      case 'schedule_activity':
        return this.schedule(command);
      case 'cancel_activity':
        return this.attempts.get(command.key)?.cancel();
      case 'start_child':
        return this.children.start(command);
      case 'cancel_child':
        return this.children.cancel(command.instance_id);
      case 'signal_child':
        return void this.children.signal(command.instance_id, command.signal, command.argument);
      case 'signal_parent': {
        const { parent_instance_id: parent } = this.current;
        if (parent !== null) void this.children.signal(parent, command.signal, command.argument);
        return;
      }
    }
  }

  private schedule(command: Extract<Command, { type: 'schedule_activity' }>): void {
    const scope = new CancellationScope({ cancellable: true });
    this.attempts.set(command.key, scope);
    void scope
      .run(() => this.runAttempt(command))
      .then((event) =>
        this.inTurn(() => {
          this.attempts.delete(command.key);
          this.apply(event);
        }),
      );
  }

  private async runAttempt(command: Extract<Command, { type: 'schedule_activity' }>): Promise<InstanceEvent> {
    const { key } = command;
    try {
      const activities = proxyActivities<Record<string, (input: Json) => Promise<unknown>>>({
        activityId: key,
        ...(command.task_queue === undefined ? {} : { taskQueue: command.task_queue }),
        startToCloseTimeout: command.timeout_sec * 1000,
        ...(command.heartbeat_sec === undefined ? {} : { heartbeatTimeout: command.heartbeat_sec * 1000 }),
        // Retries are the engine's: they show in `attempts`, and follow the definition.
        retry: { maximumAttempts: 1 },
      });
      return resultEvent(key, await activities[command.activity]?.(command.input));
    } catch (error) {
      return { type: 'activity_failed', key, problem: problemOf(error) };
    }
  }
}

function resultEvent(key: string, result: unknown): InstanceEvent {
  const value = result ?? null;
  const unreadable = undecodableReason(value) ?? checkJson(value);
  if (unreadable === null) return { type: 'activity_completed', key, result: value as Json };
  const message = `The activity's result is no JSON that can be kept: ${unreadable}`;
  return { type: 'activity_failed', key, problem: { type: 'InvalidInputError', message } };
}

/** A new claim's id: deterministic in replay. */
export function newClaimId(): string {
  return `clm_${uuid4().replaceAll('-', '').slice(0, 16)}`;
}
