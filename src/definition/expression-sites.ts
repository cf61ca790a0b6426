/** Where expressions and templates stand in a document, and what they see there. */
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import { phasesWithError } from './failure-targets.js';
import type { Path } from './finding.js';
import { listOf, mapOf, type Outline, type PhaseOutline, type TaskOutline } from './outline.js';

/** What an expression sees besides what all see. */
export interface SiteScope {
  /** The phase whose tasks `tasks` means; undefined at the document's level. */
  readonly phase?: PhaseOutline | undefined;
  /** `item` and `index`, in a foreach. */
  readonly hasItem?: boolean | undefined;
  /** `error`: in `on_failure`, and in a phase that one leads to. */
  readonly hasError?: boolean | undefined;
  /** `result`: in a task's `outputs`. */
  readonly hasResult?: boolean | undefined;
  /** `output`: in `compensate`. */
  readonly hasOutput?: boolean | undefined;
}

interface SiteOptions {
  /** Data for machines, where a path without `${…}` is a likely mistake. */
  readonly isData?: boolean;
  /** `${secret:NAME}` may stand here. */
  readonly allowsSecrets?: boolean;
  /** One `${…}` alone is expected. */
  readonly isAlone?: boolean;
  /** A plain text is a likely mistake: what it stands for is an expression. */
  readonly isValue?: boolean;
  /** What the expression is to give. */
  readonly gives?: 'boolean' | 'list' | 'time';
}

export interface Site extends SiteOptions {
  readonly form: 'expression' | 'template';
  readonly source: string;
  readonly path: Path;
  readonly scope: SiteScope;
}

/** All strings of a document that are evaluated, in its order; inline subworkflows have their own. */
export function findSites(outline: Outline): readonly Site[] {
  return new SiteFinder(outline).find();
}

const RETRY_NUMBERS = ['max_attempts', 'initial_interval_sec', 'backoff', 'max_interval_sec'];

class SiteFinder {
  readonly #outline: Outline;
  readonly #withError: ReadonlySet<string>;
  readonly #sites: Site[] = [];

  constructor(outline: Outline) {
    this.#outline = outline;
    this.#withError = phasesWithError(outline);
  }

  find(): readonly Site[] {
    const { raw, path, phases } = this.#outline;
    this.#expressions(raw['result'], [...path, 'result'], {}, { isValue: true });
    this.#failure(raw, path, {});
    for (const phase of phases) this.#phase(phase);
    return this.#sites;
  }

  #phase(phase: PhaseOutline): void {
    const { raw, path, name } = phase;
    const scope: SiteScope = { phase, hasError: this.#withError.has(name) };
    this.#expressions(raw['condition'], [...path, 'condition'], scope, { gives: 'boolean' });
    this.#numbers(raw, ['max_visits', 'join', 'require'], path, scope);
    this.#expressions(raw['outputs'], [...path, 'outputs'], scope, { isValue: true });
    listOf(raw['next']).forEach((rule, index) => this.#nextRule(rule, [...path, 'next', index], scope));
    this.#failure(raw, path, scope);
    for (const task of phase.tasks) this.#task(task, phase, scope);
  }

  #nextRule(rule: Json, path: Path, scope: SiteScope): void {
    if (!isJsonObject(rule)) return;
    this.#expressions(rule['when'], [...path, 'when'], scope, { gives: 'boolean' });
    this.#templates(rule['reason'], [...path, 'reason'], scope);
  }

  #task(task: TaskOutline, phase: PhaseOutline, scope: SiteScope): void {
    const { raw, path } = task;
    const hasItem = raw['foreach'] !== undefined;
    const inner: SiteScope = { ...scope, hasItem };
    this.#foreach(raw['foreach'], [...path, 'foreach'], scope);
    for (const key of ['task', 'approval'] as const) this.#templates(raw[key], [...path, key], inner);
    if (typeof raw['subworkflow'] === 'string') {
      this.#templates(raw['subworkflow'], [...path, 'subworkflow'], inner);
    }
    this.#templates(raw['context'], [...path, 'context'], inner, { isData: true });
    this.#numbers(raw, ['max_parallel'], path, scope);
    this.#numbers(raw, ['timeout_sec', 'heartbeat_sec', 'automation'], path, inner);
    this.#numbers(mapOf(raw['retry']), RETRY_NUMBERS, [...path, 'retry'], inner);
    const quota = mapOf(raw['resource_quota']);
    this.#numbers(quota, Object.keys(quota), [...path, 'resource_quota'], inner);
    this.#wait(mapOf(raw['wait']), [...path, 'wait'], inner);
    this.#executor(mapOf(raw['executor']), [...path, 'executor'], inner);
    const undo: SiteScope = { ...inner, hasOutput: true, hasError: true };
    this.#executor(mapOf(raw['compensate']), [...path, 'compensate'], undo);
    if (!phase.isSingle) this.#taskKeys(task, scope, inner);
  }

  /** A text is an expression; a list is a literal, and every string in it a template as everywhere else. */
  #foreach(value: Json | undefined, path: Path, scope: SiteScope): void {
    if (typeof value === 'string') this.#expressions(value, path, scope, { gives: 'list' });
    else this.#templates(value, path, scope, { isData: true });
  }

  /** Keys that are the phase's where the task stands on it. Condition, join and require are the whole foreach's. */
  #taskKeys({ raw, path }: TaskOutline, scope: SiteScope, inner: SiteScope): void {
    this.#expressions(raw['condition'], [...path, 'condition'], scope, { gives: 'boolean' });
    this.#numbers(raw, ['join', 'require'], path, scope);
    this.#expressions(raw['outputs'], [...path, 'outputs'], { ...inner, hasResult: true }, { isValue: true });
    this.#failure(raw, path, inner);
  }

  #failure(raw: JsonObject, base: Path, scope: SiteScope): void {
    listOf(raw['on_failure']).forEach((rule, index) => {
      if (!isJsonObject(rule)) return;
      const path = [...base, 'on_failure', index];
      const failed: SiteScope = { ...scope, hasError: true };
      this.#expressions(rule['outputs'], [...path, 'outputs'], failed, { isValue: true });
      this.#templates(rule['reason'], [...path, 'reason'], failed);
    });
  }

  #wait(wait: JsonObject, path: Path, scope: SiteScope): void {
    this.#numbers(wait, ['for_sec'], path, scope);
    this.#expressions(wait['until'], [...path, 'until'], scope, { gives: 'time' });
    this.#expressions(wait['when'], [...path, 'when'], scope, { gives: 'boolean' });
  }

  #executor(executor: JsonObject, path: Path, scope: SiteScope): void {
    for (const key of ['input', 'command', 'cwd', 'env', 'stdin', 'llm'] as const) {
      this.#templates(executor[key], [...path, key], scope, { isData: true });
    }
    const http = mapOf(executor['http']);
    for (const key of ['url', 'headers', 'body'] as const) {
      this.#templates(http[key], [...path, 'http', key], scope, { isData: true, allowsSecrets: true });
    }
  }

  /** A number, or one `${…}` that gives it. */
  #numbers(raw: JsonObject, keys: readonly string[], path: Path, scope: SiteScope): void {
    for (const key of keys) this.#templates(raw[key], [...path, key], scope, { isAlone: true });
  }

  #expressions(value: Json | undefined, path: Path, scope: SiteScope, options: SiteOptions = {}): void {
    this.#strings('expression', value, path, scope, options);
  }

  #templates(value: Json | undefined, path: Path, scope: SiteScope, options: SiteOptions = {}): void {
    this.#strings('template', value, path, scope, options);
  }

  /** Every string of a value, at any depth. */
  #strings(
    form: Site['form'],
    value: Json | undefined,
    path: Path,
    scope: SiteScope,
    options: SiteOptions,
  ): void {
    if (typeof value === 'string') this.#sites.push({ form, source: value, path, scope, ...options });
    else if (Array.isArray(value)) {
      value.forEach((item: Json, index) => this.#strings(form, item, [...path, index], scope, options));
    } else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) this.#strings(form, value[key], [...path, key], scope, options);
    }
  }
}
