import type { Finding, Path } from './finding.js';
import { show } from './finding.js';
import { nearestName } from './nearest-name.js';
import { definitionSchema } from './schema/definition-schema.js';
import { keysOf, schemasAt } from './schema-tree.js';

/** What other tools call what ChatFlow has. */
const SYNONYMS: Readonly<Record<string, string>> = {
  steps: 'phases',
  stages: 'phases',
  jobs: 'phases',
  if: 'condition',
  unless: 'condition',
  needs: 'after',
  depends_on: 'after',
  prompt: 'task',
  instructions: 'task',
  loop: 'foreach',
  for_each: 'foreach',
  items: 'foreach',
  timeout: 'timeout_sec',
  timeout_seconds: 'timeout_sec',
  retries: 'retry',
  on_error: 'on_failure',
  catch: 'on_failure',
  inputs: 'input',
  outcome: 'result',
  strategy: 'execution_strategy',
  target: 'goto',
  to: 'goto',
  workflow: 'subworkflow',
  run: 'executor',
  with: 'context',
  env: 'context',
  concurrency: 'max_parallel',
};

interface UnknownKey {
  readonly key: string;
  /** The keys that the map takes. */
  readonly known: readonly string[];
  /** Keys of other kinds of the same thing. */
  readonly siblings: readonly string[];
  readonly path: Path;
}

const DEFINITION_KEYS = keysOf(definitionSchema);
export const PHASE_KEYS = schemasAt(definitionSchema, ['phases', 0]).flatMap(keysOf);
export const TASK_KEYS = schemasAt(definitionSchema, ['phases', 0, 'tasks', 0]).flatMap(keysOf);

/** A key that a map does not take: where it belongs, or the nearest right one. */
export function describeUnknownKey({ key, known, siblings, path }: UnknownKey): Finding {
  const place = { path: [...path, key], at: 'key' as const };
  if (siblings.includes(key)) {
    const message = `\`${key}\` does not go with \`${known[0] ?? ''}\``;
    return { code: 'misplaced-key', message, ...place };
  }
  const home = homeOf(key, known);
  if (home !== undefined) return { code: 'misplaced-key', message: `\`${key}\` belongs ${home}`, ...place };
  const synonym = synonymOf(key, known);
  const hint = synonym === undefined ? {} : { hint: `did you mean \`${synonym}\`?` };
  const message = `There is no key ${show(key)} here`;
  return { code: 'unknown-key', message, ...place, nearest: { given: key, names: known }, ...hint };
}

/** The key that an unknown one stands for, as its hint says; undefined where there is none, or it belongs elsewhere. */
export function meantKey(key: string, known: readonly string[]): string | undefined {
  if (known.includes(key) || homeOf(key, known) !== undefined) return undefined;
  return synonymOf(key, known) ?? nearestName(key, known);
}

function synonymOf(key: string, known: readonly string[]): string | undefined {
  const synonym = Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key] : undefined;
  return synonym !== undefined && known.includes(synonym) ? synonym : undefined;
}

/** Where a key of the language would be right, if not here. */
function homeOf(key: string, known: readonly string[]): string | undefined {
  if (isSame(known, TASK_KEYS)) return PHASE_KEYS.includes(key) ? 'on the phase' : undefined;
  if (isSame(known, PHASE_KEYS))
    return DEFINITION_KEYS.includes(key) ? 'at the top of the document' : undefined;
  if (isSame(known, DEFINITION_KEYS)) return PHASE_KEYS.includes(key) ? 'on a phase' : undefined;
  return undefined;
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((key, index) => key === right[index]);
}
