/**
 * Drives the interpreter with a fake clock and performs nothing: what a workflow would schedule is only noted. After
 * every event it checks what must hold of every instance (`core-invariants.ts`).
 */
import { createInstance, type InstanceFacts } from '../../src/core/create-instance.js';
import type { Command, Transition } from '../../src/core/command.js';
import type { Problem } from '../../src/core/errors.js';
import type { CoreEvent, Via } from '../../src/core/event.js';
import { nextDeadline } from '../../src/core/pass-deadlines.js';
import type {
  ClaimRequest,
  LeaseRequest,
  RetryRequest,
  RewindRequest,
  Task,
  TriggerInput,
  TriggerResult,
} from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import { transition } from '../../src/core/transition.js';
import type { Definition, ResourceQuota } from '../../src/definition/definition.js';
import type { Json, JsonObject } from '../../src/json/json.js';
import { checkStep, deepFreeze, type Ledger } from './core-invariants.js';
import { readDefinition } from './read-definition.js';

type Unstamped<E> = E extends CoreEvent ? Omit<E, 'at'> : never;
export type DrivenEvent = Unstamped<CoreEvent>;
export type Schedule = Extract<Command, { type: 'schedule_activity' }>;

/** 2026-01-01T00:00:00Z: where the fake clock starts. */
export const START_AT = Date.UTC(2026, 0, 1);

export interface DriverOptions extends Partial<Omit<InstanceFacts, 'definition' | 'at'>> {
  /** False leaves the checks of every step out: for cases that measure time. */
  readonly checks?: boolean;
}

/** A refusal that a case did not expect. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.type}: ${problem.message}`);
    this.problem = problem;
  }
}

export class CoreDriver implements Ledger {
  state: InstanceState;
  at = START_AT;
  /** Every command in order: `schedule KEY ACTIVITY`, `cancel KEY`. */
  readonly log: string[] = [];
  readonly schedules = new Map<string, Schedule>();
  /** Keys of activities that have not ended; those that were cancelled are in here too. */
  readonly inFlight = new Set<string>();
  ended = 0;
  readonly checks: boolean;
  private claims = 0;

  /** Starts an instance of a definition, given as YAML text or normalised. */
  constructor(definition: string | Definition, options: DriverOptions = {}) {
    const { checks = true, ...facts } = options;
    this.checks = checks;
    const parsed = typeof definition === 'string' ? readDefinition(definition) : definition;
    this.state = createInstance({
      instance_id: 'wfi_000000000001',
      tenant_id: 'default',
      feature_id: 'feature-1',
      definition: parsed,
      definition_digest: 'd'.repeat(64),
      context: {},
      automation_level: parsed.automation_level ?? 60,
      max_recursion_depth: 5,
      resource_quota: parsed.default_resource_quota ?? {},
      at: this.at,
      ...facts,
    });
    this.send({ type: 'instance_started' });
  }

  /** Applies an event at the clock's time; throws `Refused` where it is refused. */
  send(event: DrivenEvent): Json {
    const outcome = this.offer(event);
    if (outcome.refusal) throw new Refused(outcome.refusal);
    return outcome.reply;
  }

  /** Applies an event; a refusal is the caller's to look at. */
  offer(event: DrivenEvent): Transition<InstanceState> {
    const stamped = { ...event, at: this.at } as CoreEvent;
    const before = this.state;
    if (this.checks) deepFreeze(before);
    const outcome = transition(before, stamped);
    if (!outcome.refusal && (event.type === 'activity_completed' || event.type === 'activity_failed')) {
      this.inFlight.delete(event.key);
      this.ended += 1;
    }
    if (!outcome.refusal && event.type === 'retry_requested') this.forgetRun();
    for (const command of outcome.commands) this.note(command);
    this.state = outcome.state;
    if (this.checks) checkStep(this, { before, event: stamped, outcome });
    return outcome;
  }

  /** A retry is a run of its own: what was in flight in the one before is not heard of again. */
  private forgetRun(): void {
    this.ended += this.inFlight.size;
    this.inFlight.clear();
  }

  private note(command: Command): void {
    if (command.type === 'cancel_activity') {
      this.log.push(`cancel ${command.key}`);
      return;
    }
    if (command.type !== 'schedule_activity') {
      this.log.push(command.type);
      return;
    }
    if (this.schedules.has(command.key)) throw new Error(`the key ${command.key} was used before`);
    this.schedules.set(command.key, command);
    this.inFlight.add(command.key);
    this.log.push(`schedule ${command.key} ${command.activity}`);
  }

  trigger(
    data: JsonObject = {},
    input: Omit<TriggerInput, 'trigger_data'> = {},
    via: Via = 'update',
  ): TriggerResult {
    const reply = this.send({ type: 'trigger_received', via, input: { trigger_data: data, ...input } });
    return reply as unknown as TriggerResult;
  }

  /** The problem that a trigger is refused with. */
  refusedTrigger(input: TriggerInput, via: Via = 'update'): Problem {
    const { refusal } = this.offer({ type: 'trigger_received', via, input });
    if (!refusal) throw new Error('the trigger was not refused');
    return refusal;
  }

  /** The key in flight of a task, or the key itself. */
  keyOf(taskOrKey: string): string {
    if (this.inFlight.has(taskOrKey)) return taskOrKey;
    const keys = [...this.inFlight].filter((key) => key.slice(0, key.lastIndexOf('/')) === taskOrKey);
    const last = keys.at(-1);
    if (last === undefined)
      throw new Error(`nothing is in flight for ${taskOrKey}: ${[...this.inFlight].join(', ')}`);
    return last;
  }

  complete(taskOrKey: string, result: Json = {}): void {
    this.send({ type: 'activity_completed', key: this.keyOf(taskOrKey), result });
  }

  fail(taskOrKey: string, problem: Partial<Problem> = {}, usage?: JsonObject): void {
    this.send({
      type: 'activity_failed',
      key: this.keyOf(taskOrKey),
      problem: { type: 'HttpError', message: 'it broke', ...problem },
      ...(usage ? { usage } : {}),
    });
  }

  /** Lets time pass; every deadline on the way fires at its moment. */
  advance(ms: number): void {
    const until = this.at + ms;
    for (let fired = 0; ; fired++) {
      const due = nextDeadline(this.state);
      if (due === null || due > until) break;
      if (fired > 10_000) throw new Error('deadlines never end');
      this.at = Math.max(this.at, due);
      this.send({ type: 'deadline_passed', due });
    }
    this.at = until;
  }

  claim(request: Partial<ClaimRequest> = {}): Task & { readonly claim_id: string } {
    this.claims += 1;
    return this.send({
      type: 'task_claimed',
      claim_id: `clm_${this.claims}`,
      request: { agent_id: 'agent-1', lease_sec: 60, ...request },
    }) as unknown as Task & { readonly claim_id: string };
  }

  heartbeat(request: LeaseRequest): Json {
    return this.send({ type: 'lease_extended', request });
  }

  release(request: LeaseRequest): Json {
    return this.send({ type: 'task_released', request });
  }

  pause(reason: string | null = null): Json {
    return this.send({ type: 'pause_requested', reason });
  }

  resume(): Json {
    return this.send({ type: 'resume_requested' });
  }

  level(level: number): Json {
    return this.send({ type: 'automation_level_set', level });
  }

  extend(quota: ResourceQuota): Json {
    return this.send({ type: 'quota_extended', quota });
  }

  rewind(request: RewindRequest): Json {
    return this.send({ type: 'rewind_requested', request });
  }

  retry(request: RetryRequest = {}): Json {
    return this.send({ type: 'retry_requested', request });
  }

  cancel(reason: string | null = null): Json {
    return this.send({ type: 'cancel_requested', reason });
  }

  /** What continue-as-new does: the audit events move away, and the next run goes on. */
  continueAsNew(): void {
    const last = this.state.events.at(-1);
    if (last) {
      this.send({
        type: 'history_archived',
        last_seq: last.seq,
        ref: {
          name: `history-${last.seq}`,
          uri: `memory:${last.seq}`,
          sha256: '0'.repeat(64),
          size_bytes: 1,
          media_type: 'application/x-ndjson',
          kind: 'history',
          created_at: new Date(this.at).toISOString(),
        },
      });
    }
    this.state = JSON.parse(JSON.stringify(this.state)) as InstanceState;
    this.send({ type: 'run_continued' });
  }

  /** The types of the audit events, each with what it is about: `task_opened plan#1/plan`. */
  get eventTypes(): string[] {
    return this.state.events.map(({ event_type, task, phase }) =>
      [event_type, task ?? phase].filter((part) => part !== null).join(' '),
    );
  }

  /** Phases visited: `plan#1 completed`. */
  get visits(): string[] {
    return this.state.visits.map(({ phase, visit, status }) => `${phase}#${visit} ${status}`);
  }

  /** Tasks in the state by id. */
  get taskStatuses(): Record<string, string> {
    return Object.fromEntries(Object.values(this.state.tasks).map(({ id, status }) => [id, status]));
  }

  /** Ids of the open tasks, slots of foreachs left out. */
  get open(): string[] {
    return Object.values(this.state.tasks)
      .filter(({ status, foreach }) => status === 'open' && !foreach)
      .map(({ id }) => id);
  }
}
