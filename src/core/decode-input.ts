/**
 * Untrusted input → typed input. Nothing that arrives is believed: unknown keys, wrong types and values that are no
 * JSON are refused by name with `InvalidInputError`.
 */
import { checkJson } from '../json/check-json.js';
import { isJsonObject, type Json } from '../json/json.js';
import { jsonSize } from '../json/json-size.js';
import type { ResourceQuota } from '../definition/definition.js';
import { refuse } from './fault.js';
import { LIMITS } from './limits.js';
import type { LimitsTold } from './grant.js';
import type {
  ArtifactRef,
  ClaimRequest,
  InstanceStatus,
  LeaseRequest,
  RetryRequest,
  RetryTaskRequest,
  RewindRequest,
  SubworkflowRequest,
  TriggerInput,
} from './shapes.js';

import type { SubtreeReport } from './child-state.js';

/** Says what is wrong with a value, or null. */
type Check = (value: Json) => string | null;

interface Field {
  readonly check: Check;
  readonly required?: boolean;
}

type Shape = Readonly<Record<string, Field>>;

const text =
  (maxBytes: number = LIMITS.idBytes): Check =>
  (value) => {
    if (typeof value !== 'string' || value === '') return 'must be a non-empty string';
    return value.length > maxBytes ? `must have at most ${maxBytes} characters` : null;
  };
const object: Check = (value) => (isJsonObject(value) ? null : 'must be an object');
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false');
const amount: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1e15 ? null : 'must be a number of at least 0';
const positive: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= 1e15 ? null : 'must be a number above 0';
const between =
  (low: number, high: number): Check =>
  (value) =>
    typeof value === 'number' && value >= low && value <= high
      ? null
      : `must be a number from ${low} to ${high}`;
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? null : `must be one of ${words.join(', ')}`;
const shaped =
  (shape: Shape): Check =>
  (value) =>
    findProblem(value, shape);
const listOf =
  (check: Check, most: number): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length > most) return `must have at most ${most} elements`;
    for (const [index, element] of value.entries()) {
      const problem = check(element as Json);
      if (problem) return `[${index}] ${problem}`;
    }
    return null;
  };

/** Several times what an instance tells of itself. */
const REPORT_BYTES = 8 * 1024;

/** Of a subtree, as far as anything is reckoned with it: who can signal an instance can forge one. */
const report: Check = (value) => {
  if (!isJsonObject(value)) return 'must be an object';
  // It is kept whatever room the state has left.
  if (jsonSize(value) > REPORT_BYTES) return `must have at most ${REPORT_BYTES} bytes of JSON`;
  const { info, figures, as_of } = value;
  if (!isJsonObject(info) || !isStatus(info['status'])) return '.info must have a status';
  if (!isJsonObject(figures) || !isJsonObject(figures['nodes'])) return '.figures must have nodes';
  const { nodes, max_depth, tokens, cost_usd, unpriced_tokens = 0 } = figures;
  const counts = Object.entries(nodes);
  const isWhole = counts.every(([status, count]) => isStatus(status) && amount(count ?? null) === null);
  const sums = [max_depth, tokens, cost_usd, unpriced_tokens, as_of];
  for (const name of ['reserved', 'extended'] as const) {
    const problem = value[name] === undefined ? null : shaped(QUOTA)(value[name]);
    if (problem !== null) return `.${name} ${problem}`;
  }
  const { schema_digest } = value;
  if (schema_digest !== undefined && !isDigest(schema_digest)) return '.schema_digest must be 64 hex digits';
  return isWhole && sums.every((sum) => amount(sum ?? null) === null) ? null : 'must be made of amounts';
};

const STATUSES: readonly InstanceStatus[] = [
  'created',
  'running',
  'paused',
  'completed',
  'failed',
  'terminated',
  'cancelled',
];

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isStatus(value: unknown): boolean {
  return (STATUSES as readonly unknown[]).includes(value);
}

const optional = (check: Check): Field => ({ check });
const required = (check: Check): Field => ({ check, required: true });

const PROBLEM: Shape = {
  type: required(text()),
  message: required(text(10_000)),
  details: optional(() => null),
};

const USAGE: Shape = { tokens: optional(amount), cost_usd: optional(amount) };

const ARTIFACT: Shape = {
  name: required(text(1024)),
  uri: required(text(4096)),
  sha256: required((value) => (isDigest(value) ? null : 'must be 64 hex digits')),
  size_bytes: required(amount),
  media_type: required(text()),
  phase: optional(text()),
  task: optional(text()),
  kind: required(oneOf('prompt', 'ai_response', 'record', 'output', 'history')),
  created_at: required(text()),
};

const QUOTA: Shape = {
  max_tokens: optional(positive),
  max_duration_sec: optional(positive),
  max_cost_usd: optional(positive),
  max_children: optional(positive),
};

const TRIGGER: Shape = {
  trigger_data: optional(object),
  meta: optional(object),
  task: optional(text()),
  expected_phase: optional(text()),
  trigger_id: optional(text()),
  claim_id: optional(text()),
  outcome: optional(oneOf('completed', 'failed')),
  error: optional(shaped(PROBLEM)),
  usage: optional(shaped(USAGE)),
  artifacts: optional(listOf(shaped(ARTIFACT), 100)),
};

const SHAPES = {
  trigger: TRIGGER,
  claim: {
    agent_id: required(text()),
    task: optional(text()),
    lease_sec: required(between(1, LIMITS.leaseSec)),
    request_id: optional(text()),
  },
  lease: { claim_id: required(text()), lease_sec: optional(between(1, LIMITS.leaseSec)) },
  // `by_quota` is the engine's own, from the instance above.
  pause: { reason: optional(text(1000)), tree: optional(flag), by_quota: optional(flag) },
  resume: { tree: optional(flag), by_quota: optional(flag) },
  level: { level: required(between(0, 100)) },
  quota: QUOTA,
  rewind: {
    phase: required(text()),
    variables: optional(object),
    guidance: optional(text(10_000)),
    rerun_children: optional(flag),
  },
  retryTask: {
    task: required(text()),
    guidance: optional(text(10_000)),
    resource_quota: optional(shaped(QUOTA)),
  },
  retry: { guidance: optional(text(10_000)), resource_quota: optional(shaped(QUOTA)) },
  subworkflow: {
    schema_id: optional(text()),
    schema: optional(object),
    context: optional(object),
    resource_quota: optional(shaped(QUOTA)),
    meta: optional(object),
    request_id: optional(text()),
    on_failure: optional(oneOf('continue', 'fail')),
  },
  messageChild: { instance_id: required(text()), data: required(() => null) },
  message: { from: required(text()), data: required(() => null) },
  limitsTold: {
    by: optional(shaped(QUOTA)),
    up_to: optional(shaped(QUOTA)),
    granted: optional(shaped(QUOTA)),
    cut_to: optional(shaped(QUOTA)),
    time_left_sec: optional(amount),
  },
  childReport: { instance_id: required(text()), report: required(report) },
  slowReports: { report_sec: required(between(1, 86_400)) },
  history: { after: optional(amount) },
  monitor: { depth: optional(between(0, 100)) },
} as const satisfies Readonly<Record<string, Shape>>;

function findProblem(value: Json, shape: Shape): string | null {
  if (!isJsonObject(value)) return 'must be an object';
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(shape, key))
      return `has the unknown key ${JSON.stringify(key.slice(0, 80))}; ${namesOf(shape)}`;
  }
  for (const [key, field] of Object.entries(shape)) {
    const given = value[key];
    if (given === undefined) {
      if (field.required) return `lacks ${key}`;
      continue;
    }
    const problem = field.check(given);
    if (problem) return `.${key} ${problem}`;
  }
  return null;
}

function namesOf(shape: Shape): string {
  const names = Object.keys(shape);
  return names.length === 0 ? 'it takes none' : `known: ${names.join(', ')}`;
}

/** A value that could not be read from its payload; the payload converter puts it in the value's place. */
export interface Undecodable {
  readonly chatflow_undecodable: string;
}

/** The one argument of a signal, an update or a query. */
function decode<T>(
  name: string,
  args: readonly unknown[],
  shape: Shape,
  options: { optional?: boolean } = {},
): T {
  if (args.length > 1) refuse('InvalidInputError', `${name} takes one argument, ${args.length} were given`);
  if (args.length === 0 && !options.optional)
    refuse('InvalidInputError', `${name} needs an argument: a JSON object, such as {}`);
  const value = args.length === 0 ? {} : args[0];
  checkValue(name, value);
  const problem = findProblem(value as Json, shape);
  if (problem) refuse('InvalidInputError', `${name} ${problem}`);
  return value as T;
}

function checkValue(name: string, value: unknown): void {
  const marker = undecodableReason(value);
  if (marker !== null)
    refuse('InvalidInputError', `${name}: the argument could not be decoded as JSON: ${marker}`);
  const problem = checkJson(value);
  if (problem !== null) refuse('InvalidInputError', `${name}: ${problem}`);
}

/** Why a payload could not be decoded; null for every other value. */
export function undecodableReason(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const reason = (value as Partial<Undecodable>).chatflow_undecodable;
  return typeof reason === 'string' && Object.keys(value).length === 1 ? reason : null;
}

/** A trigger. An empty one, `{}`, completes the only open agent task with no data. */
export function decodeTrigger(args: readonly unknown[]): TriggerInput {
  const input = decode<TriggerInput>('trigger_next_step', args, SHAPES.trigger);
  if (jsonSize(input as unknown as Json) > LIMITS.triggerBytes) {
    refuse(
      'PayloadTooLargeError',
      `The trigger passes ${LIMITS.triggerBytes} bytes of JSON: keep large data in artifacts`,
      { limit: LIMITS.triggerBytes },
    );
  }
  if (input.error && input.outcome !== 'failed') {
    refuse('InvalidInputError', 'trigger_next_step .error goes with outcome: failed');
  }
  return input;
}

/** A batch: the list must be one, each element is decoded by itself later. */
export function decodeBatch(args: readonly unknown[]): readonly Json[] {
  if (args.length !== 1)
    refuse('InvalidInputError', `trigger_batch takes one list, ${args.length} arguments were given`);
  const [batch] = args;
  if (undecodableReason(batch) !== null) checkValue('trigger_batch', batch);
  if (!Array.isArray(batch)) return refuse('InvalidInputError', 'trigger_batch takes a list of triggers');
  if (batch.length > LIMITS.batch)
    refuse(
      'InvalidInputError',
      `trigger_batch takes at most ${LIMITS.batch} triggers, ${batch.length} were given`,
    );
  return batch as readonly Json[];
}

export const decodeClaim = (args: readonly unknown[]): ClaimRequest =>
  decode('claim_task', args, SHAPES.claim);
export const decodeLease = (name: string, args: readonly unknown[]): LeaseRequest =>
  decode(name, args, SHAPES.lease);
export const decodePause = (
  args: readonly unknown[],
): { reason?: string; tree?: boolean; by_quota?: boolean } =>
  decode('pause', args, SHAPES.pause, { optional: true });
export const decodeResume = (args: readonly unknown[]): { tree?: boolean; by_quota?: boolean } =>
  decode('resume', args, SHAPES.resume, { optional: true });
export const decodeLevel = (args: readonly unknown[]): { level: number } =>
  decode('set_automation_level', args, SHAPES.level);
export const decodeQuota = (args: readonly unknown[]): ResourceQuota =>
  decode('extend_quota', args, SHAPES.quota);
export const decodeRewind = (args: readonly unknown[]): RewindRequest =>
  decode('rewind', args, SHAPES.rewind);
export const decodeRetryTask = (args: readonly unknown[]): RetryTaskRequest =>
  decode('retry_task', args, SHAPES.retryTask);
export const decodeRetry = (args: readonly unknown[]): RetryRequest =>
  decode('retry', args, SHAPES.retry, { optional: true });
export const decodeSubworkflow = (args: readonly unknown[]): SubworkflowRequest =>
  decode('create_subworkflow', args, SHAPES.subworkflow);
export const decodeMessageToChild = (args: readonly unknown[]): { instance_id: string; data: Json } =>
  decode('message_child', args, SHAPES.messageChild);
/** What a child publishes: `{ data }`, or the data itself. */
export function decodePublished(args: readonly unknown[]): Json {
  if (args.length !== 1)
    refuse('InvalidInputError', `publish_to_parent takes one argument, ${args.length} were given`);
  const [value] = args;
  checkValue('publish_to_parent', value);
  const isWrapped = isJsonObject(value) && Object.keys(value).length === 1 && value['data'] !== undefined;
  return isWrapped ? (value['data'] ?? null) : (value as Json);
}
export const decodeReport = (args: readonly unknown[]): { instance_id: string; report: SubtreeReport } =>
  decode('report_subtree', args, SHAPES.childReport);
/** What grows, in one map of limits (before version 9) or told apart. */
export function decodeLimitsTold(args: readonly unknown[]): LimitsTold {
  const [told] = args;
  const isApart = isJsonObject(told) && Object.keys(told).some((key) => key in SHAPES.limitsTold);
  return isApart
    ? decode('raise_shared_quota', args, SHAPES.limitsTold)
    : { by: decode('raise_shared_quota', args, SHAPES.quota) };
}
export const decodeSlowReports = (args: readonly unknown[]): { report_sec: number } =>
  decode('slow_reports', args, SHAPES.slowReports);
export const decodeMessage = (args: readonly unknown[]): { from: string; data: Json } =>
  decode('receive_message', args, SHAPES.message);
export const decodeHistoryRequest = (args: readonly unknown[]): { after?: number } =>
  decode('get_history', args, SHAPES.history, { optional: true });
export const decodeMonitorRequest = (args: readonly unknown[]): { depth?: number } =>
  decode('monitor_workflow_tree', args, SHAPES.monitor, { optional: true });

/** Of a query that takes no argument: none, or an empty one. */
export function decodeNothing(name: string, args: readonly unknown[]): void {
  if (args.length !== 1 || args[0] !== null) decode(name, args, {}, { optional: true });
}

/** References to artifacts, at most 100 at once. */
export function decodeArtifacts(args: readonly unknown[]): readonly ArtifactRef[] {
  if (args.length !== 1)
    refuse('InvalidInputError', `record_artifacts takes one list, ${args.length} arguments were given`);
  checkValue('record_artifacts', args[0]);
  const problem = listOf(shaped(ARTIFACT), 100)(args[0] as Json);
  if (problem) refuse('InvalidInputError', `record_artifacts ${problem}`);
  return args[0] as readonly ArtifactRef[];
}

/** Facts of a start that a client passes beside the definition. */
export const START_SHAPE = {
  quota: shaped(QUOTA),
  level: between(0, 100),
  id: text(),
  object,
} satisfies Readonly<Record<string, Check>>;

/** Whether an object carries nothing but known keys of a start. */
export function checkStartField(check: Check, value: unknown): string | null {
  const unsafe = checkJson(value);
  return unsafe ?? check(value as Json);
}
