/** Where phases and tasks lead: every name exists, and every rule can be reached. */
import type { Json, JsonObject } from '../json/json.js';
import { isJsonObject } from '../json/json.js';
import type { Path, Report } from './finding.js';
import { show } from './finding.js';
import { EXITS } from './names.js';
import { listOf, textOf, type Outline, type PhaseOutline, type TaskOutline } from './outline.js';

export function checkTargets(outline: Outline, report: Report): void {
  const checker = new TargetChecker(outline, report);
  checker.checkFinally(outline.raw['finally'], [...outline.path, 'finally']);
  checker.checkFailure(outline.raw, outline.path, EXITS);
  for (const phase of outline.phases) checker.checkPhase(phase);
}

class TargetChecker {
  readonly #outline: Outline;
  readonly #report: Report;

  constructor(outline: Outline, report: Report) {
    this.#outline = outline;
    this.#report = report;
  }

  checkPhase(phase: PhaseOutline): void {
    const { raw, path } = phase;
    for (const key of ['fallback_phase', 'on_timeout'] as const)
      this.#checkTarget(raw[key], [...path, key], []);
    this.#checkTarget(raw['on_max_visits'], [...path, 'on_max_visits'], ['fail']);
    this.#checkNext(raw['next'], [...path, 'next']);
    this.checkFailure(raw, path, EXITS);
    this.#checkUseless(phase);
    for (const task of phase.tasks) this.#checkTask(task, phase);
  }

  #checkTask({ raw, path }: TaskOutline, phase: PhaseOutline): void {
    listOf(raw['cancels']).forEach((target, index) =>
      this.#checkCancels(target, [...path, 'cancels', index]),
    );
    if (phase.isSingle) return;
    const isConcurrent = phase.strategy === 'concurrent';
    this.checkFailure(raw, path, isConcurrent ? ['continue', 'fail'] : [...EXITS, 'continue'], isConcurrent);
  }

  /** `finally` runs at the end, so that there has to be something before it. */
  checkFinally(value: Json | undefined, path: Path): void {
    if (typeof value !== 'string' || value === '') return;
    const { byName, phaseNames } = this.#outline;
    if (!byName.has(value)) this.#reportUnknown(value, path, phaseNames);
    else if (phaseNames.length === 1) {
      const message = `The only phase is the one of \`finally\`, which runs at the end`;
      this.#report({
        code: 'wrong-value',
        message,
        path,
        hint: 'remove `finally`, or add a phase before it',
      });
    }
  }

  /** `on_failure`: one target, or a list of rules. */
  checkFailure(raw: JsonObject, base: Path, exits: readonly string[], onlyExits = false): void {
    const value = raw['on_failure'];
    const path = [...base, 'on_failure'];
    if (typeof value === 'string') this.#checkTarget(value, path, exits, onlyExits);
    this.#checkRules(listOf(value), path, 'errors', { exits, onlyExits });
  }

  #checkNext(value: Json | undefined, path: Path): void {
    if (typeof value === 'string') this.#checkTarget(value, path, EXITS);
    const rules = listOf(value);
    this.#checkRules(rules, path, 'when', { exits: EXITS, onlyExits: false });
    const last = rules.at(-1);
    if (!isJsonObject(last) || last['when'] === undefined || last['when'] === true) return;
    const message = 'Where no entry holds, the phase that follows in the document is next';
    const hint = 'end the list with an entry without `when`';
    this.#report({ code: 'next-may-fall-through', message, path: [...path, rules.length - 1], hint });
  }

  #checkRules(
    rules: readonly Json[],
    path: Path,
    filter: 'when' | 'errors',
    { exits, onlyExits }: { readonly exits: readonly string[]; readonly onlyExits: boolean },
  ): void {
    let hasCatchAll = false;
    rules.forEach((rule, index) => {
      if (!isJsonObject(rule)) return;
      const at = [...path, index];
      this.#checkTarget(rule['goto'], [...at, 'goto'], exits, onlyExits);
      this.#checkExitKeys(rule, at);
      if (hasCatchAll) {
        const message = `An entry before it holds always, so this one never does`;
        this.#report({ code: 'unused-rule', message, path: at });
      }
      hasCatchAll ||= rule[filter] === undefined || rule[filter] === true;
    });
  }

  /** `reason` goes with `fail` and `cancel`, `error` with `fail`. */
  #checkExitKeys(rule: JsonObject, path: Path): void {
    const goto = textOf(rule['goto']);
    if (goto === undefined) return;
    if (rule['reason'] !== undefined && goto !== 'fail' && goto !== 'cancel') {
      this.#misplaced('reason', '`goto: fail` and `goto: cancel`', path);
    }
    if (rule['error'] !== undefined && goto !== 'fail') this.#misplaced('error', '`goto: fail`', path);
  }

  #misplaced(key: string, partners: string, path: Path): void {
    this.#report({
      code: 'misplaced-key',
      message: `\`${key}\` goes with ${partners} only`,
      path: [...path, key],
      at: 'key',
    });
  }

  #checkTarget(value: Json | undefined, path: Path, exits: readonly string[], onlyExits = false): void {
    if (typeof value !== 'string' || value === '' || exits.includes(value)) return;
    const { byName, phaseNames } = this.#outline;
    if (onlyExits) {
      const message = `A concurrent task's on_failure is ${exits.join(' or ')}, not ${show(value)}`;
      this.#report({ code: 'wrong-value', message, path, nearest: { given: value, names: exits } });
    } else if (!byName.has(value)) {
      this.#reportUnknown(value, path, [...phaseNames, ...exits]);
    } else if (value === this.#outline.raw['finally']) {
      this.#reportFinally(value, path, exits);
    }
  }

  #reportFinally(value: string, path: Path, exits: readonly string[]): void {
    const message = `The phase ${value} is that of \`finally\`: it runs at the end, and nothing else leads to it`;
    const hint = exits.includes('end')
      ? '`goto: end` leads there'
      : 'name a phase with `next: end`: `goto: end` leads there';
    this.#report({ code: 'wrong-value', message, path, hint });
  }

  #reportUnknown(value: string, path: Path, names: readonly string[]): void {
    if (value === 'continue') {
      const hint = 'put it on a task under `tasks:`';
      this.#report({ code: 'wrong-value', message: '`continue` is for tasks only', path, hint });
      return;
    }
    const message = `There is no phase ${show(value)}`;
    this.#report({ code: 'unknown-phase', message, path, nearest: { given: value, names } });
  }

  /** `phase`, or `phase/task`. */
  #checkCancels(value: Json, path: Path): void {
    if (typeof value !== 'string' || value === '') return;
    const [phaseName = '', taskName, ...rest] = value.split('/');
    const phase = this.#outline.byName.get(phaseName);
    if (rest.length > 0) {
      this.#report({
        code: 'wrong-value',
        message: `${show(value)} is neither a phase nor phase/task`,
        path,
      });
    } else if (!phase) {
      this.#reportUnknown(phaseName, path, this.#outline.phaseNames);
    } else if (taskName !== undefined && !phase.tasks.some(({ name }) => name === taskName)) {
      const names = phase.tasks.map(({ name }) => `${phaseName}/${name}`);
      const message = `The phase ${phaseName} has no task ${show(taskName)}`;
      this.#report({ code: 'unknown-task', message, path, nearest: { given: value, names } });
    }
  }

  #checkUseless({ raw, path }: PhaseOutline): void {
    for (const [key, partner] of [
      ['fallback_phase', 'condition'],
      ['on_max_visits', 'max_visits'],
    ] as const) {
      if (raw[key] === undefined || raw[partner] !== undefined) continue;
      const message = `\`${key}\` has no effect without \`${partner}\``;
      this.#report({ code: 'no-effect', message, path: [...path, key], at: 'key' });
    }
  }
}
