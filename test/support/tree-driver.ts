/**
 * A whole tree of instances without Temporal: what a workflow would command is put into a box, and whoever drives it
 * decides what is delivered next. Ends from outside cascade as the server's do.
 */
import { limitsOfChild } from '../../src/core/child-limits.js';
import { createInstance } from '../../src/core/create-instance.js';
import { decodeLimitsTold, decodePause, decodeResume } from '../../src/core/decode-input.js';
import type { Command, ParentLink } from '../../src/core/command.js';
import type { Problem } from '../../src/core/errors.js';
import type { Failure, InstanceStatus, SubworkflowRequest, TriggerInput } from '../../src/core/shapes.js';
import type { SubtreeReport, TreeFigures } from '../../src/core/child-state.js';
import type { InstanceState } from '../../src/core/state.js';
import { endedReport, unbornFigures, viewLeftBehind } from '../../src/core/left-behind.js';
import { MESSAGE_SIGNAL } from '../../src/core/messages.js';
import { nextDeadline } from '../../src/core/pass-deadlines.js';
import { makeReport, REPORT_SIGNAL } from '../../src/core/report-up.js';
import { SLOW_SIGNAL } from '../../src/core/report-pace.js';
import { RAISE_SIGNAL } from '../../src/core/shared-quota.js';
import { transition } from '../../src/core/transition.js';
import { resultOf } from '../../src/core/views.js';
import type { Definition, ResourceQuota } from '../../src/definition/definition.js';
import { isJsonObject, type Json } from '../../src/json/json.js';
import { START_AT, type DrivenEvent } from './core-driver.js';
import { readDefinition } from './read-definition.js';

/** Something on its way to an instance. */
export interface Delivery {
  readonly to: string;
  readonly what: string;
  /** In the order of its sending: what a child sent before its end comes before it, as Temporal delivers it. */
  readonly run: () => void;
}

/** One instance of the tree, as the simulated server has it. */
export interface Node {
  readonly id: string;
  readonly parent: string | null;
  state: InstanceState;
  /** Ended from outside. */
  terminated: boolean;
  readonly inFlight: Set<string>;
}

export interface TreeOptions {
  readonly definitions?: Readonly<Record<string, string>>;
  readonly resource_quota?: ResourceQuota;
  readonly max_recursion_depth?: number;
  readonly context?: Record<string, Json>;
  /** Of the root: by default the newest. */
  readonly engine_version?: number;
}

export class TreeDriver {
  at = START_AT;
  readonly nodes = new Map<string, Node>();
  readonly box: Delivery[] = [];
  /** Commands by instance, in order: `start ID`, `cancel ID`, `signal ID NAME`, `schedule KEY`. */
  readonly log: string[] = [];
  readonly rootId = 'wfi_000000000001';
  private readonly definitions: ReadonlyMap<string, Definition>;
  /** Children that failed in their first step. */
  readonly stillborn = new Set<string>();
  /** So many of the next terminations come to nothing. */
  failingKills = 0;
  /** Called after each event of each instance. */
  check: (node: Node, before: InstanceState, commands: readonly Command[]) => void = () => undefined;

  constructor(root: string, options: TreeOptions = {}) {
    const {
      definitions = {},
      resource_quota,
      max_recursion_depth = 5,
      context = {},
      engine_version,
    } = options;
    this.definitions = new Map(
      Object.entries(definitions).map(([name, text]) => [name, readDefinition(text)]),
    );
    const definition = readDefinition(root);
    const state = createInstance({
      instance_id: this.rootId,
      tenant_id: 'default',
      feature_id: 'feature-1',
      definition,
      definition_digest: 'd'.repeat(64),
      context,
      automation_level: 60,
      max_recursion_depth: Math.min(max_recursion_depth, definition.max_recursion_depth),
      resource_quota: { ...definition.default_resource_quota, ...resource_quota },
      ...(engine_version === undefined ? {} : { engine_version }),
      at: this.at,
    });
    this.add(state);
    this.send(this.rootId, { type: 'instance_started' });
  }

  get root(): Node {
    return this.node(this.rootId);
  }

  node(id: string): Node {
    const node = this.nodes.get(id);
    if (!node) throw new Error(`there is no instance ${id}`);
    return node;
  }

  childrenOf(id: string): Node[] {
    return [...this.nodes.values()].filter(({ parent }) => parent === id);
  }

  isOpen({ state, terminated }: Node): boolean {
    return state.closed_at === null && !terminated;
  }

  /** Applies an event at the clock's time; the refusal where it is refused, null where the instance is over. */
  send(id: string, event: DrivenEvent): Problem | null {
    const node = this.node(id);
    if (!this.isOpen(node)) return null;
    const before = node.state;
    const outcome = transition(before, { ...event, at: this.at });
    if (outcome.refusal) return outcome.refusal;
    node.state = outcome.state;
    for (const command of outcome.commands) this.perform(node, command);
    this.check(node, before, outcome.commands);
    if (node.state.closed_at !== null) this.close(node);
    return null;
  }

  trigger(id: string, input: TriggerInput = {}): Problem | null {
    return this.send(id, { type: 'trigger_received', via: 'update', input });
  }

  create(id: string, request: SubworkflowRequest): Problem | null {
    return this.send(id, { type: 'subworkflow_requested', via: 'update', request });
  }

  /** Delivers the oldest, and what it leads to, until nothing is on its way. */
  deliverAll(): void {
    for (let count = 0; this.box.length > 0; count += 1) {
      if (count > 100_000) throw new Error('deliveries never end');
      this.deliver(0);
    }
  }

  /** Delivers one of what is on its way; of one sender to one receiver the order is kept. */
  deliver(index: number): void {
    const wanted = this.box[index % this.box.length];
    const first = this.box.findIndex(({ to, what }) => to === wanted?.to && what === wanted.what);
    const [delivery] = this.box.splice(first, 1);
    delivery?.run();
  }

  /** Lets time pass, for every instance. */
  advance(ms: number): void {
    const until = this.at + ms;
    for (let count = 0; count < 100_000; count += 1) {
      let next: { at: number; id: string } | null = null;
      for (const node of this.nodes.values()) {
        const due = this.isOpen(node) ? nextDeadline(node.state) : null;
        if (due !== null && due <= until && (next === null || due < next.at)) next = { at: due, id: node.id };
      }
      if (next === null) break;
      this.at = Math.max(this.at, next.at);
      this.send(next.id, { type: 'deadline_passed', due: next.at });
    }
    this.at = until;
  }

  /** Ends an instance from outside, and all below it, as Temporal does. */
  terminate(id: string, tellParent = true): void {
    const node = this.node(id);
    if (!this.isOpen(node)) return;
    node.terminated = true;
    for (const child of this.childrenOf(id)) this.terminate(child.id, false);
    if (!tellParent) return;
    const isRead = node.state.engine_version >= 9;
    this.tellEnd(node, 'terminated', null, isRead ? this.leftBehind(node) : null);
  }

  /** What the activity of the parent reads of one that was ended, and of those that ended with it. */
  private leftBehind({ state }: Node): SubtreeReport {
    const own = viewLeftBehind(state);
    const below = own.open.flatMap((id): TreeFigures[] => {
      const child = this.nodes.get(id);
      if (child) return [this.leftBehind(child).figures];
      return this.stillborn.has(id) ? [unbornFigures(own, 'failed')] : [];
    });
    return endedReport(own, below);
  }

  /** What continue-as-new does; refused where something is in flight. */
  continueAsNew(id: string): boolean {
    const node = this.node(id);
    const isQuiet =
      this.isOpen(node) &&
      node.inFlight.size === 0 &&
      !this.childrenOf(id).some((child) => this.isOpen(child));
    if (!isQuiet || this.box.some(({ to }) => to === id)) return false;
    this.send(id, { type: 'run_continued' });
    return true;
  }

  private add(state: InstanceState): Node {
    const node: Node = {
      id: state.instance_id,
      parent: state.parent_instance_id,
      state,
      terminated: false,
      inFlight: new Set(),
    };
    this.nodes.set(node.id, node);
    return node;
  }

  private perform(node: Node, command: Command): void {
    switch (command.type) {
      case 'start_child':
        this.log.push(`start ${command.instance_id}`);
        this.post(command.instance_id, node.id, () => this.begin(node, command));
        return;
      case 'cancel_child':
        this.log.push(`cancel ${command.instance_id}`);
        this.post(command.instance_id, node.id, () => this.cancel(command.instance_id, command.reason));
        return;
      case 'signal_child':
        this.log.push(`signal ${command.instance_id} ${command.signal}`);
        this.post(command.instance_id, node.id, () => this.signal(command.instance_id, command));
        return;
      case 'signal_parent': {
        const { parent } = node;
        if (parent === null) throw new Error('the root has no parent');
        this.log.push(`signal ${parent} ${command.signal}`);
        this.post(parent, node.id, () => this.signal(parent, command));
        return;
      }
      case 'schedule_activity':
        this.log.push(`schedule ${command.key}`);
        if (command.activity === 'chatflow.terminateChild') this.kill(node, command.key);
        else node.inFlight.add(command.key);
        return;
      case 'cancel_activity':
        return;
    }
  }

  /** Answers an activity that is in flight. */
  complete(id: string, key: string, result: Json = {}): Problem | null {
    this.node(id).inFlight.delete(key);
    return this.send(id, { type: 'activity_completed', key, result });
  }

  private post(to: string, from: string, run: () => void): void {
    this.box.push({ to, what: from, run });
  }

  private kill(node: Node, key: string): void {
    const target = key.slice('kill:'.length);
    this.post(target, node.id, () => {
      if (this.failingKills > 0) {
        this.failingKills -= 1;
        const problem = { type: 'TimeoutError', message: 'the worker died' };
        this.send(node.id, { type: 'activity_failed', key, problem });
        return;
      }
      if (this.nodes.has(target)) this.terminate(target);
      this.send(node.id, { type: 'activity_completed', key, result: null });
    });
  }

  /** A child's first step: its definition, then its start. */
  private begin(parent: Node, command: Extract<Command, { type: 'start_child' }>): void {
    if (!this.isOpen(parent)) return;
    const { input, instance_id, definition: reference } = command;
    if (this.nodes.has(instance_id)) {
      this.send(parent.id, { type: 'child_id_taken', instance_id });
      return;
    }
    this.send(parent.id, { type: 'child_started', instance_id });
    const definition =
      reference.document === undefined
        ? this.definitions.get(reference.schema_id ?? '')
        : readDefinition(JSON.stringify(reference.document));
    if (!definition) {
      this.stillborn.add(instance_id);
      const problem = { type: 'SchemaNotFoundError', message: `There is no ${String(reference.schema_id)}` };
      this.post(parent.id, instance_id, () =>
        this.send(parent.id, { type: 'child_closed', instance_id, status: 'failed', result: null, problem }),
      );
      return;
    }
    this.add(this.childState(instance_id, definition, input.child, command));
    this.send(instance_id, { type: 'instance_started' });
  }

  private childState(
    instance_id: string,
    definition: Definition,
    link: ParentLink,
    { input }: Extract<Command, { type: 'start_child' }>,
  ): InstanceState {
    return createInstance({
      instance_id,
      tenant_id: input.tenant_id,
      feature_id: input.feature_id,
      definition,
      definition_digest: 'd'.repeat(64),
      context: input.initial_context,
      meta: input.meta,
      automation_level: input.automation_level,
      parent_instance_id: link.parent_instance_id,
      root_instance_id: link.root_instance_id,
      recursion_depth: link.depth,
      max_recursion_depth: Math.min(link.max_recursion_depth, definition.max_recursion_depth),
      ...limitsOfChild(link, definition.default_resource_quota ?? {}),
      ...(link.report_sec === undefined ? {} : { report_sec: link.report_sec }),
      engine_version: link.engine_version,
      at: this.at,
    });
  }

  private cancel(id: string, reason: string | null): void {
    if (this.nodes.has(id)) this.send(id, { type: 'cancel_requested', reason });
  }

  private signal(
    to: string,
    { signal, argument }: { readonly signal: string; readonly argument: Json },
  ): void {
    if (!this.nodes.has(to)) return;
    const data = isJsonObject(argument) ? argument : {};
    if (signal === REPORT_SIGNAL) {
      const { instance_id, report } = data as unknown as { instance_id: string; report: SubtreeReport };
      this.send(to, { type: 'child_reported', instance_id, report });
    } else if (signal === MESSAGE_SIGNAL) {
      this.send(to, { type: 'message_received', from: String(data['from']), data: data['data'] ?? null });
    } else if (signal === 'pause') {
      this.send(to, { type: 'pause_requested', reason: null, ...decodePause([argument]) });
    } else if (signal === RAISE_SIGNAL) {
      this.send(to, { type: 'quota_raised', ...decodeLimitsTold([argument]) });
    } else if (signal === SLOW_SIGNAL) {
      this.send(to, { type: 'reports_slowed', sec: Number(data['report_sec']) });
    } else if (signal === 'resume') this.send(to, { type: 'resume_requested', ...decodeResume([argument]) });
    else throw new Error(`there is no signal ${signal}`);
  }

  private close(node: Node): void {
    for (const child of this.childrenOf(node.id)) this.terminate(child.id, false);
    const { status, failure } = node.state;
    const problem = failure === null ? null : problemOf(failure);
    const result = status === 'completed' ? resultOf(node.state) : null;
    const report = makeReport(node.state, this.at);
    this.tellEnd(node, status, problem, report, result);
  }

  private tellEnd(
    node: Node,
    status: InstanceStatus,
    problem: Problem | null,
    report: SubtreeReport | null,
    result: Json = null,
  ): void {
    const { parent, id } = node;
    if (parent === null) return;
    this.post(parent, id, () =>
      this.send(parent, {
        type: 'child_closed',
        instance_id: id,
        status,
        result,
        problem,
        ...(report ? { report } : {}),
      }),
    );
  }
}

function problemOf({ type, message, details }: Failure): Problem {
  return { type, message, ...(details === undefined ? {} : { details }) };
}
