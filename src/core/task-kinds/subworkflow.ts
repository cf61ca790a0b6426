import type { TaskDefinition } from '../../definition/definition.js';
import { digest } from '../../json/canonical-json.js';
import { isJsonObject, type JsonObject } from '../../json/json.js';
import type { ResourceQuota } from '../../definition/definition.js';
import { definitionOfChild, inheritedVariables, labelOfChild } from '../child-of-task.js';
import { createChild, QUOTA_RANGES } from '../create-child.js';
import { renderNumber } from '../evaluate.js';
import { Fault } from '../fault.js';
import type { Problem } from '../errors.js';
import { pauseByQuota } from '../pause-by-quota.js';
import { waitsForExtension, waitsForRoom } from '../room-for-child.js';
import { reuseKey } from '../reuse.js';
import { taskExtras } from '../scope.js';
import type { ChildState } from '../child-state.js';
import type { TaskState } from '../state.js';
import type { Turn, Writable } from '../turn.js';
import type { KindSemantics } from './kind-semantics.js';

/** A child instance: the task is done when it has completed. */
export const subworkflow: KindSemantics = {
  waits: 'children',
  answeredBy: 'full-name',
  begin: (turn, task, definition) => {
    if (turn.state.engine_version < 5) throw new Fault(notThere(task));
    const asked = { ...renderQuota(turn, task, definition), ...task.quota };
    const request = { subworkflow: definition.subworkflow ?? null, context: task.context ?? null, ...asked };
    const request_digest = digest({ ...request, ...inheritedDigest(turn, definition) }).slice(0, 16);
    const known = turn.patchTask(task, { waits: 'children', request_digest });
    if (turn.state.status === 'created') turn.state.status = 'running';
    if (turn.state.reusable[reuseKey(known, request_digest)] !== undefined) {
      turn.attention.push(task.id);
      return;
    }
    try {
      turn.patchTask(known, { child: makeChild(turn, task, definition, asked).id });
    } catch (error) {
      if (!(error instanceof Fault) || turn.state.engine_version < 6) throw error;
      if (turn.state.engine_version < 7) turn.refused.set(task.id, error.problem);
      else turn.patchTask(known, { refusal: error.problem });
      if (waitsForExtension(turn, error.problem)) pauseForChildren(turn, error.problem);
      else if (!waitsForRoom(turn, error.problem)) turn.attention.push(task.id);
    }
  },
};

/** One pause for all tasks that want a child at once. */
function pauseForChildren(turn: Turn, { message, details }: Problem): void {
  if (turn.state.paused) return;
  turn.record('quota_exceeded', { data: isJsonObject(details) ? details : {} });
  pauseByQuota(turn, message);
}

/** The variables that a task names as those its child needs are a part of its input, from version 9 on. */
function inheritedDigest(turn: Turn, { inherit }: TaskDefinition): { variables?: string } {
  if (turn.state.engine_version < 9 || inherit === undefined) return {};
  return { variables: digestOf(turn.state.variables, inherit) };
}

/** By both identities: thousands of elements begin with the same variables. */
const digests = new WeakMap<object, WeakMap<object, string>>();

function digestOf(variables: JsonObject, names: readonly string[]): string {
  const known = digests.get(variables) ?? new WeakMap<object, string>();
  digests.set(variables, known);
  const value = known.get(names) ?? digest(inheritedVariables(variables, names));
  known.set(names, value);
  return value;
}

/** Of the child before this one, where there was one. */
function seedOf({ seed, child }: TaskState): { seed?: string } {
  const known = seed ?? child;
  return known === undefined ? {} : { seed: known };
}

function makeChild(
  turn: Turn,
  task: TaskState,
  definition: TaskDefinition,
  quota: ResourceQuota,
): ChildState {
  return createChild(turn, {
    definition: definitionOfChild(definition),
    schema: labelOfChild(definition),
    inherited: inheritedVariables(turn.state.variables, definition.inherit),
    context: contextOf(task),
    meta: definition.meta ?? {},
    quota,
    ...seedOf(task),
    of: { task: task.id },
  });
}

function notThere(task: TaskState): { type: string; message: string; details: JsonObject } {
  return {
    type: 'FeatureDisabledError',
    message: `Subworkflows came with version 5 of the engine [task=${task.id}]`,
    details: { feature: 'subworkflows' },
  };
}

function contextOf({ context }: TaskState): JsonObject {
  return isJsonObject(context) ? context : {};
}

function renderQuota(turn: Turn, task: TaskState, { resource_quota }: TaskDefinition): ResourceQuota {
  const quota: Writable<ResourceQuota> = {};
  for (const name of Object.keys(resource_quota ?? {}) as (keyof ResourceQuota)[]) {
    const template = resource_quota?.[name];
    if (template === undefined) continue;
    const place = { phase: task.phase, task: task.name, field: `resource_quota.${name}` };
    quota[name] = renderNumber(turn, template, QUOTA_RANGES[name], place, taskExtras(task));
  }
  return quota;
}
