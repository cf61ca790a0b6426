/**
 * A document as its checks see it: phases and tasks with their names, kinds and places, as far as they can be read.
 * Tolerant, so that a misspelt key in one phase doesn't hide a wrong target in another; what has the wrong shape is
 * reported by the schema and left out here.
 */
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import type { TaskKind } from './definition.js';
import type { Path } from './finding.js';

/** The keys that make a task what it is. */
export const KIND_KEYS = {
  task: 'agent',
  approval: 'approval',
  executor: 'executor',
  subworkflow: 'subworkflow',
  wait: 'wait',
} as const satisfies Readonly<Record<string, TaskKind>>;

export type KindKey = keyof typeof KIND_KEYS;

export interface TaskOutline {
  readonly name: string;
  /** Whether the document gives the name; else it is `task_1`… or the phase's. */
  readonly isNamed: boolean;
  /** Undefined where none or several kinds stand on it. */
  readonly kind: TaskKind | undefined;
  readonly raw: JsonObject;
  readonly path: Path;
}

export interface PhaseOutline {
  /** Empty where there is none. */
  readonly name: string;
  readonly index: number;
  /** The one task stands on the phase itself. */
  readonly isSingle: boolean;
  readonly strategy: string;
  readonly tasks: readonly TaskOutline[];
  readonly raw: JsonObject;
  readonly path: Path;
}

export interface Outline {
  readonly raw: JsonObject;
  readonly path: Path;
  readonly phases: readonly PhaseOutline[];
  /** Names of phases, each once. */
  readonly phaseNames: readonly string[];
  readonly byName: ReadonlyMap<string, PhaseOutline>;
  /** Levels of inline subworkflows above this one: 0 for the document. */
  readonly depth: number;
  readonly parent?: Outline;
}

/** Reads what can be read of a document, or of an inline one at `path`. */
export function outlineDocument(raw: JsonObject, path: Path = [], parent?: Outline): Outline {
  const phases = listOf(raw['phases']).map((phase, index) =>
    outlinePhase(phase, index, [...path, 'phases', index]),
  );
  const named = phases.filter(({ name }) => name !== '');
  // The first of two phases of one name is the one that its name means.
  const byName = new Map([...named].reverse().map((phase) => [phase.name, phase]));
  const phaseNames = [...new Set(named.map(({ name }) => name))];
  const depth = parent ? parent.depth + 1 : 0;
  return { raw, path, phases, phaseNames, byName, depth, ...(parent ? { parent } : {}) };
}

function outlinePhase(value: Json, index: number, path: Path): PhaseOutline {
  const raw = mapOf(value);
  const name = textOf(raw['name']) ?? '';
  const isSingle = raw['tasks'] === undefined;
  const strategy = textOf(raw['execution_strategy']) ?? 'sequential';
  const tasks = isSingle ? [outlineSingle(raw, name, path)] : outlineTasks(raw['tasks'], path);
  return { name, index, isSingle, strategy, tasks, raw, path };
}

/** A phase with a name alone is an agent task of that name. */
function outlineSingle(raw: JsonObject, name: string, path: Path): TaskOutline {
  const kind = kindKeysOf(raw).length === 0 ? 'agent' : kindOf(raw);
  return { name, isNamed: true, kind, raw, path };
}

function outlineTasks(value: Json | undefined, path: Path): readonly TaskOutline[] {
  return listOf(value).map((task, index) => {
    const raw = mapOf(task);
    const given = textOf(raw['name']);
    const name = given ?? `task_${index + 1}`;
    return { name, isNamed: given !== undefined, kind: kindOf(raw), raw, path: [...path, 'tasks', index] };
  });
}

/** The kinds that stand on a task or a phase, in the order of the document. */
export function kindKeysOf(raw: JsonObject): readonly KindKey[] {
  return Object.keys(raw).filter((key): key is KindKey => Object.hasOwn(KIND_KEYS, key));
}

function kindOf(raw: JsonObject): TaskKind | undefined {
  const [first, second] = kindKeysOf(raw);
  return first !== undefined && second === undefined ? KIND_KEYS[first] : undefined;
}

/** A list, or an empty one where it is none. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A map, or an empty one where it is none. */
export function mapOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A text, or undefined where it is none. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Inline subworkflows of a document, each with its outline. */
export function inlineOutlines(outline: Outline): readonly Outline[] {
  const tasks = outline.phases.flatMap((phase) => phase.tasks);
  return tasks.flatMap((task) => {
    const inline = task.raw['subworkflow'];
    return isJsonObject(inline) ? [outlineDocument(inline, [...task.path, 'subworkflow'], outline)] : [];
  });
}
