/** Exactly one kind a task, and the keys that go with it. */
import type { JsonObject } from '../json/json.js';
import type { TaskKind } from './definition.js';
import { meantKey, PHASE_KEYS, TASK_KEYS } from './describe-unknown-key.js';
import type { Report } from './finding.js';
import { KIND_KEYS, kindKeysOf, type Outline, type PhaseOutline, type TaskOutline } from './outline.js';
import { sharedTaskKeys } from './schema/tasks.js';

/** Keys that make sense with some kinds only; elsewhere they are errors. */
const KINDS_OF_KEY: Readonly<Record<string, readonly TaskKind[]>> = {
  early: ['agent', 'approval'],
  decisions: ['approval'],
  auto: ['approval'],
  inherit: ['subworkflow'],
  resource_quota: ['subworkflow'],
  heartbeat_sec: ['executor'],
};

/** Keys that change nothing with other kinds: they are warned of. */
const USEFUL_KINDS_OF_KEY: Readonly<Record<string, readonly TaskKind[]>> = {
  automation: ['executor', 'approval'],
  expects: ['agent', 'approval', 'executor'],
};

/** Keys of a `foreach`; on a phase `join` and `require` are the phase's own. */
const FOREACH_KEYS = ['max_parallel', 'join', 'require'] as const;

const SHARED_KEYS = Object.keys(sharedTaskKeys);

export function checkKinds(outline: Outline, report: Report): void {
  for (const phase of outline.phases) {
    if (!phase.isSingle || !hasMisspeltKind(phase.raw, PHASE_KEYS)) checkPhaseKinds(phase, report);
    for (const task of phase.tasks) {
      checkForeachKeys(task, phase, report);
      if (hasMisspeltKind(task.raw, phase.isSingle ? PHASE_KEYS : TASK_KEYS)) continue;
      if (!phase.isSingle) checkTaskKind(task, report);
      checkKeysOfKind(task, report);
    }
  }
}

/** `aproval`: it is reported as a key that does not exist, and nothing is known of the kind besides. */
function hasMisspeltKind(raw: JsonObject, known: readonly string[]): boolean {
  if (kindKeysOf(raw).length > 0) return false;
  return Object.keys(raw).some((key) => Object.hasOwn(KIND_KEYS, meantKey(key, known) ?? ''));
}

function checkPhaseKinds({ raw, path, isSingle }: PhaseOutline, report: Report): void {
  const kinds = kindKeysOf(raw);
  const [first, second] = kinds;
  if (!isSingle) {
    if (first !== undefined) {
      const message = `\`${first}\` and \`tasks\` stand together; one of them is expected`;
      const hint = 'move it into the list of tasks';
      report({ code: 'kind-conflict', message, path: [...path, first], at: 'key', hint });
    }
  } else if (second !== undefined) {
    reportSeveral(kinds, [...path, second], report);
  }
  if (!isSingle || first === undefined) checkTaskKeysOnPhase({ raw, path, isSingle }, report);
}

/** Keys of a task on a phase that has no kind. */
function checkTaskKeysOnPhase(
  { raw, path, isSingle }: Pick<PhaseOutline, 'raw' | 'path' | 'isSingle'>,
  report: Report,
): void {
  for (const key of SHARED_KEYS.filter((name) => Object.hasOwn(raw, name))) {
    const message = `\`${key}\` is a key of a task`;
    const hint = isSingle
      ? 'give the phase a kind as well, such as `task: …`'
      : 'put it on the task under `tasks:`';
    report({ code: 'misplaced-key', message, path: [...path, key], at: 'key', hint });
  }
}

function checkTaskKind({ raw, path }: TaskOutline, report: Report): void {
  const kinds = kindKeysOf(raw);
  const [first, second] = kinds;
  if (second !== undefined) reportSeveral(kinds, [...path, second], report);
  if (first !== undefined) return;
  const names = Object.keys(KIND_KEYS);
  const message = `A task has exactly one of \`${names.join('`, `')}\``;
  report({ code: 'kind-conflict', message, path, hint: 'e.g. `task: What an agent is to do`' });
}

function reportSeveral(kinds: readonly string[], path: TaskOutline['path'], report: Report): void {
  const message = `\`${kinds.join('`, `')}\` stand together; exactly one is expected`;
  report({
    code: 'kind-conflict',
    message,
    path,
    at: 'key',
    hint: 'make each a task of its own under `tasks:`',
  });
}

function checkKeysOfKind({ kind, raw, path }: TaskOutline, report: Report): void {
  if (kind === undefined) return;
  for (const key of Object.keys(raw)) {
    const strict = KINDS_OF_KEY[key];
    const useful = USEFUL_KINDS_OF_KEY[key];
    if (strict && !strict.includes(kind)) {
      const message = `\`${key}\` goes with ${nameKinds(strict)} only`;
      report({ code: 'misplaced-key', message, path: [...path, key], at: 'key' });
    } else if (useful && !useful.includes(kind)) {
      const message = `\`${key}\` has no effect here: it is for ${nameKinds(useful)}`;
      report({ code: 'no-effect', message, path: [...path, key], at: 'key' });
    }
  }
}

function nameKinds(kinds: readonly TaskKind[]): string {
  const keys = Object.entries(KIND_KEYS).filter(([, kind]) => kinds.includes(kind));
  return keys.map(([key]) => `\`${key}\``).join(', ');
}

function checkForeachKeys({ raw, path }: TaskOutline, { isSingle }: PhaseOutline, report: Report): void {
  if (raw['foreach'] !== undefined) return;
  for (const key of FOREACH_KEYS) {
    const isOfPhase = isSingle && key !== 'max_parallel';
    if (isOfPhase || raw[key] === undefined) continue;
    const message = `\`${key}\` has no effect without \`foreach\``;
    report({ code: 'no-effect', message, path: [...path, key], at: 'key' });
  }
}
