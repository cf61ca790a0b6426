/** What the definition of a task says of the child that does it. */
import type { TaskDefinition } from '../definition/definition.js';
import { digest } from '../json/canonical-json.js';
import { isJsonObject, type Json, type JsonObject } from '../json/json.js';
import type { ChildDefinition } from './child-state.js';
import type { InstanceState } from './state.js';

/** Where its definition is found. An inline one is told by its digest; the shell puts its document into the store. */
export function definitionOfChild({
  subworkflow: given,
}: Pick<TaskDefinition, 'subworkflow'>): ChildDefinition {
  if (typeof given === 'string') return { schema_id: given };
  if (!isJsonObject(given)) throw new Error('the task has no subworkflow');
  return { digest: digest(given), document: given };
}

/** The same, with what a name has come to mean to this instance: from version 9 on. */
export function pinnedDefinition(
  task: Pick<TaskDefinition, 'subworkflow'>,
  { engine_version, pinned = {} }: InstanceState,
): ChildDefinition {
  const definition = definitionOfChild(task);
  const { schema_id } = definition;
  if (schema_id === undefined || engine_version < 9) return definition;
  const known = Object.hasOwn(pinned, schema_id) ? pinned[schema_id] : undefined;
  return known === undefined ? { schema_id } : { schema_id, digest: known };
}

/** What it is called in its parent. */
export function labelOfChild({ name, subworkflow: given }: TaskDefinition): string {
  if (typeof given === 'string') return given;
  const inline = isJsonObject(given) ? given['name'] : undefined;
  return typeof inline === 'string' ? inline : name;
}

/** Of the parent's variables those that are named; all of them where none is. */
export function inheritedVariables(
  variables: JsonObject,
  inherit: readonly string[] | undefined,
): JsonObject {
  if (inherit === undefined) return variables;
  return Object.fromEntries(
    inherit.flatMap((name): [string, Json][] => {
      const value = variables[name];
      return Object.hasOwn(variables, name) && value !== undefined ? [[name, value]] : [];
    }),
  );
}
