import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import { compact } from './compact.js';
import type {
  CancelTarget,
  Executor,
  HttpMethod,
  JoinTemplate,
  NumberTemplate,
  ResourceQuotaTemplate,
  RetryPolicy,
  TaskDefinition,
  TaskKind,
  Wait,
} from './definition.js';
import {
  normalizeExpression,
  normalizeExpressions,
  normalizeFailure,
  normalizeJoin,
} from './normalize-rules.js';
import { listOf, mapOf, textOf, type TaskOutline } from './outline.js';

const EXECUTOR_TIMEOUT_SEC = 3_600;
const DEFAULT_MAX_PARALLEL = 20;
const DEFAULT_DECISIONS = ['approve', 'reject'];

/** Thresholds of `automation_level`; what always runs, or never by itself, has none to speak of. */
const DEFAULT_AUTOMATION: Readonly<Record<TaskKind, number>> = {
  agent: 0,
  approval: 100,
  executor: 50,
  subworkflow: 0,
  wait: 0,
};

interface TaskPlace {
  /** The task stands on its phase: keys that both have are the phase's. */
  readonly isSingle: boolean;
  /** The phase's, where the task is its one foreach. */
  readonly join?: JoinTemplate | undefined;
  readonly require?: JoinTemplate | undefined;
}

export function normalizeTask(task: TaskOutline, place: TaskPlace): TaskDefinition {
  const { raw, name } = task;
  const kind = task.kind ?? 'agent';
  const own: JsonObject = place.isSingle ? {} : raw;
  return compact({
    name,
    kind,
    ...fieldsOfKind(kind, raw, name),
    condition: normalizeExpression(own['condition']),
    after: listOf(raw['after']) as readonly string[],
    foreach: normalizeExpression(raw['foreach']),
    max_parallel: (raw['max_parallel'] as NumberTemplate | undefined) ?? DEFAULT_MAX_PARALLEL,
    join: normalizeJoin(own['join']) ?? place.join ?? 'all',
    require: normalizeJoin(own['require']) ?? place.require,
    context: raw['context'],
    outputs: normalizeExpressions(own['outputs']),
    automation: (raw['automation'] as NumberTemplate | undefined) ?? DEFAULT_AUTOMATION[kind],
    retry: normalizeRetry(raw['retry']),
    timeout_sec: (raw['timeout_sec'] as NumberTemplate | undefined) ?? defaultTimeout(kind),
    heartbeat_sec: raw['heartbeat_sec'] as NumberTemplate | undefined,
    on_failure: normalizeFailure(own['on_failure']),
    expects: raw['expects'] as JsonObject | undefined,
    early: raw['early'] as 'keep' | undefined,
    cancels: listOf(raw['cancels']).map(normalizeCancel),
    meta: raw['meta'] as JsonObject | undefined,
    compensate: isJsonObject(raw['compensate']) ? normalizeExecutor(raw['compensate']) : undefined,
  });
}

function defaultTimeout(kind: TaskKind): number | undefined {
  return kind === 'executor' ? EXECUTOR_TIMEOUT_SEC : undefined;
}

type KindFields = Pick<
  TaskDefinition,
  'text' | 'decisions' | 'auto' | 'executor' | 'subworkflow' | 'inherit' | 'resource_quota' | 'wait'
>;

function fieldsOfKind(kind: TaskKind, raw: JsonObject, name: string): KindFields {
  switch (kind) {
    case 'agent':
      return { text: raw['task'] ?? name };
    case 'approval':
      return normalizeApproval(raw);
    case 'executor':
      return { executor: normalizeExecutor(mapOf(raw['executor'])) };
    case 'subworkflow':
      return compact({
        subworkflow: raw['subworkflow'],
        inherit: raw['inherit'] as readonly string[] | undefined,
        resource_quota: raw['resource_quota'] as ResourceQuotaTemplate | undefined,
      });
    case 'wait':
      return { wait: normalizeWait(mapOf(raw['wait'])) };
  }
}

function normalizeApproval(raw: JsonObject): KindFields {
  const decisions = (raw['decisions'] as readonly string[] | undefined) ?? DEFAULT_DECISIONS;
  const auto = textOf(raw['auto']) ?? decisions[0];
  return compact({ text: raw['approval'], decisions, auto });
}

function normalizeWait({ for_sec: seconds, until, when }: JsonObject): Wait {
  if (seconds !== undefined) return { type: 'for_sec', for_sec: seconds as NumberTemplate };
  if (until !== undefined) return { type: 'until', until: normalizeExpression(until) ?? '' };
  return { type: 'when', when: normalizeExpression(when) ?? '' };
}

function normalizeExecutor(raw: JsonObject): Executor {
  if (raw['http'] !== undefined) return normalizeHttp(mapOf(raw['http']));
  if (raw['llm'] !== undefined) return { type: 'llm', llm: raw['llm'] };
  if (raw['command'] !== undefined) {
    const command = listOf(raw['command']);
    return compact({
      type: 'command' as const,
      command,
      cwd: raw['cwd'],
      env: raw['env'],
      stdin: raw['stdin'],
    });
  }
  const activity = raw['activity'] as string;
  return compact({
    type: 'activity' as const,
    activity,
    task_queue: textOf(raw['task_queue']),
    input: raw['input'],
  });
}

function normalizeHttp({ url, method, headers, body, expect_status: statuses }: JsonObject): Executor {
  return compact({
    type: 'http' as const,
    url: url as Json,
    method: (method as HttpMethod | undefined) ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    body,
    expect_status: statuses as readonly number[] | undefined,
  });
}

function normalizeRetry(value: Json | undefined): RetryPolicy | undefined {
  if (!isJsonObject(value)) return undefined;
  return compact({
    max_attempts: value['max_attempts'] as NumberTemplate,
    initial_interval_sec: (value['initial_interval_sec'] as NumberTemplate | undefined) ?? 1,
    backoff: (value['backoff'] as NumberTemplate | undefined) ?? 2,
    max_interval_sec: value['max_interval_sec'] as NumberTemplate | undefined,
    errors: value['errors'] as readonly string[] | undefined,
  });
}

function normalizeCancel(value: Json): CancelTarget {
  const [phase = '', task] = String(value).split('/');
  return task === undefined ? { phase } : { phase, task };
}
