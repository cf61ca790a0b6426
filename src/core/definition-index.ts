import type { Definition, PhaseDefinition, TaskDefinition } from '../definition/definition.js';

interface DefinitionIndex {
  readonly phases: ReadonlyMap<string, PhaseDefinition>;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly order: ReadonlyMap<string, number>;
  readonly waitsOnExpressions: boolean;
}

/** A memo by identity: definitions are immutable. */
const indexes = new WeakMap<Definition, DefinitionIndex>();

function buildIndex(definition: Definition): DefinitionIndex {
  const phases = new Map<string, PhaseDefinition>();
  const tasks = new Map<string, TaskDefinition>();
  const order = new Map<string, number>();
  let waitsOnExpressions = false;
  definition.phases.forEach((phase, position) => {
    phases.set(phase.name, phase);
    order.set(phase.name, position);
    for (const task of phase.tasks) {
      tasks.set(`${phase.name}/${task.name}`, task);
      waitsOnExpressions ||= task.wait?.type === 'when';
    }
  });
  return { phases, tasks, order, waitsOnExpressions };
}

/** Look-ups in a definition by name, built once for each definition. */
export function indexDefinition(definition: Definition): DefinitionIndex {
  let index = indexes.get(definition);
  if (!index) {
    index = buildIndex(definition);
    indexes.set(definition, index);
  }
  return index;
}

/** The phase of that name. Throws where a definition that was never checked names one that does not exist. */
export function findPhase(definition: Definition, name: string): PhaseDefinition {
  const phase = indexDefinition(definition).phases.get(name);
  if (!phase) throw new Error(`the definition has no phase ${name}`);
  return phase;
}

/** The definition of a task, or undefined where there is none of that name. */
export function findTask(definition: Definition, phase: string, task: string): TaskDefinition | undefined {
  return indexDefinition(definition).tasks.get(`${phase}/${task}`);
}

/** Where a phase stands in the document, from 0. */
export function phasePosition(definition: Definition, name: string): number {
  return indexDefinition(definition).order.get(name) ?? 0;
}

/** Where an instance begins: the first phase but `finally`; where a definition has no other, that one. */
export function firstPhase({ phases, finally: last }: Definition): PhaseDefinition | undefined {
  return phases.find(({ name }) => name !== last) ?? phases[0];
}

/** The phase that follows in the document; undefined after the last. `finally` is never reached that way. */
export function followingPhase(definition: Definition, name: string): string | undefined {
  const next = definition.phases[phasePosition(definition, name) + 1]?.name;
  if (next !== undefined && next === definition.finally) return followingPhase(definition, next);
  return next;
}
