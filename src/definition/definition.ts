/**
 * The normalised definition: what `normalizeDefinition` makes of a checked document, and what the interpreter reads.
 * Every shorthand is spelt out, every default that does not depend on the engine is filled in. Plain JSON; it is
 * pinned in the instance, so its shape is a wire format: add optional fields, never rename.
 */
import type { Json, JsonObject } from '../json/json.js';

/** CEL source text, without the `${…}` that may stand round it in the document. */
export type Expression = string;

/** JSON in which every string is a template (`${…}` holds CEL); other values are literals. */
export type Template = Json;

/** JSON in which every string is a CEL expression (in `outputs` and `result`); other values are literals. */
export type ExpressionMap = Readonly<Record<string, Json>>;

/** A number, or one `${…}` that gives one. */
export type NumberTemplate = number | string;

/** A join, or one `${…}` that gives one: `all`, `any` or a number. */
export type JoinTemplate = NumberTemplate;

/** Bounds on a subtree's spending. Tokens and children are counts, duration is seconds, cost US dollars. All > 0. */
export interface ResourceQuota {
  readonly max_tokens?: number;
  readonly max_duration_sec?: number;
  readonly max_cost_usd?: number;
  readonly max_children?: number;
}

/** A quota whose bounds may be one `${…}` each. */
export type ResourceQuotaTemplate = { readonly [Bound in keyof ResourceQuota]: NumberTemplate };

export type ExecutionStrategy = 'sequential' | 'parallel' | 'concurrent';

/** `all`: every task has closed; `any` is 1; a number counts completed tasks (0: at once). */
export type Join = 'all' | number;

/** One entry of `on_failure`: the first whose `errors` match (absent: every error) is followed. */
export interface FailureRule {
  /** Names of error types; `*` stands for any run of characters. */
  readonly errors?: readonly string[];
  /** A phase's name, or `continue` (tasks only), `fail`, `cancel`, `end`, `end_now`. */
  readonly goto: string;
  readonly outputs?: ExpressionMap;
  /** With `fail` and `cancel`. */
  readonly reason?: Template;
  /** With `fail`: the error's type. */
  readonly error?: string;
}

/** One entry of `next`: the first whose `when` holds (absent: always) is followed. */
export interface NextRule {
  readonly when?: Expression;
  /** A phase's name, or `end`, `end_now`, `fail`, `cancel`. */
  readonly goto: string;
  readonly reason?: Template;
  readonly error?: string;
}

export interface RetryPolicy {
  /** All attempts, the first included: >= 1. */
  readonly max_attempts: NumberTemplate;
  readonly initial_interval_sec: NumberTemplate;
  /** Factor from one interval to the next: >= 1. */
  readonly backoff: NumberTemplate;
  /** Upper bound of an interval. */
  readonly max_interval_sec?: NumberTemplate;
  /** Error types that are retried (`*` as wildcard); absent: all but rejections. */
  readonly errors?: readonly string[];
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';

/** What runs an executor task: exactly one kind, told apart by `type`. */
export type Executor = ActivityExecutor | HttpExecutor | CommandExecutor | LlmExecutor;

export interface ActivityExecutor {
  readonly type: 'activity';
  readonly activity: string;
  readonly task_queue?: string;
  readonly input?: Template;
}

export interface HttpExecutor {
  readonly type: 'http';
  readonly url: Template;
  readonly method: HttpMethod;
  readonly headers?: Template;
  /** Any JSON; sent as `application/json` unless a content-type header says otherwise and it is a string. */
  readonly body?: Template;
  /** Statuses that count as success; default 200-299. */
  readonly expect_status?: readonly number[];
}

export interface CommandExecutor {
  readonly type: 'command';
  /** Each element is one argument after templating; no shell. */
  readonly command: readonly Template[];
  /** Folder relative to the worker's configured root. */
  readonly cwd?: Template;
  readonly env?: Template;
  readonly stdin?: Template;
}

/** Kept for a later executor: parsed and checked, and refused with `FeatureDisabledError` where no worker runs it. */
export interface LlmExecutor {
  readonly type: 'llm';
  readonly llm: Template;
}

/** What a `wait` task waits for: told apart by `type`. */
export type Wait =
  | { readonly type: 'for_sec'; readonly for_sec: NumberTemplate }
  | { readonly type: 'until'; readonly until: Expression }
  | { readonly type: 'when'; readonly when: Expression };

export type TaskKind = 'agent' | 'approval' | 'executor' | 'subworkflow' | 'wait';

/** A target of `cancels`: a whole phase, or one task of it. */
export interface CancelTarget {
  readonly phase: string;
  readonly task?: string;
}

export interface TaskDefinition {
  readonly name: string;
  readonly kind: TaskKind;
  /** agent and approval: what is to be done or decided. */
  readonly text?: Template;
  /** approval: the allowed decisions, at least one. */
  readonly decisions?: readonly string[];
  /** approval: the decision taken at or above `automation`; default the first. */
  readonly auto?: string;
  readonly executor?: Executor;
  /** subworkflow: a definition's name, `name@version`, or an inline document (not normalised). */
  readonly subworkflow?: Json;
  readonly inherit?: readonly string[];
  readonly resource_quota?: ResourceQuotaTemplate;
  readonly wait?: Wait;
  readonly condition?: Expression;
  /** Names of tasks of the same phase that must have closed first. */
  readonly after: readonly string[];
  readonly foreach?: Expression;
  /** foreach: open elements at once, 1-500. */
  readonly max_parallel: NumberTemplate;
  /** foreach: over its elements. */
  readonly join: JoinTemplate;
  /** foreach: at least so many completed once everything has closed. */
  readonly require?: JoinTemplate;
  readonly context?: Template;
  readonly outputs?: ExpressionMap;
  /** Threshold of `automation_level` at or above which it runs or decides by itself: executor 50, approval 100. */
  readonly automation: NumberTemplate;
  readonly retry?: RetryPolicy;
  /** From opening to close, all attempts included. Executors: 3,600 by default. */
  readonly timeout_sec?: NumberTemplate;
  readonly heartbeat_sec?: NumberTemplate;
  readonly on_failure: readonly FailureRule[];
  /** JSON Schema that a trigger's data must fit. */
  readonly expects?: JsonObject;
  readonly early?: 'keep';
  readonly cancels: readonly CancelTarget[];
  readonly meta?: JsonObject;
  readonly compensate?: Executor;
}

export interface PhaseDefinition {
  readonly name: string;
  readonly condition?: Expression;
  readonly fallback_phase?: string;
  readonly execution_strategy: ExecutionStrategy;
  readonly tasks: readonly TaskDefinition[];
  /** True where the one task's kind stands on the phase itself: its output is the phase's output. */
  readonly single: boolean;
  /** Default: `all`, in a concurrent phase 0. */
  readonly join: JoinTemplate;
  readonly require?: JoinTemplate;
  readonly outputs?: ExpressionMap;
  /** Empty: the phase that follows in the document. */
  readonly next: readonly NextRule[];
  readonly max_visits?: NumberTemplate;
  readonly on_max_visits?: string;
  /** A phase to go to when a task of this phase times out. */
  readonly on_timeout?: string;
  readonly on_failure: readonly FailureRule[];
}

export interface Definition {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  /** Absent: the engine's `default_automation_level`. */
  readonly automation_level?: number;
  readonly max_recursion_depth: number;
  readonly default_resource_quota?: ResourceQuota;
  readonly on_quota_exceeded: 'fail' | 'pause';
  /** JSON Schema for `initial_context`. */
  readonly input?: JsonObject;
  /** Absent: the variables. */
  readonly result?: ExpressionMap;
  readonly finally?: string;
  readonly on_failure: readonly FailureRule[];
  readonly phases: readonly PhaseDefinition[];
}
