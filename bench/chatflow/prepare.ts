/** The bench's definitions, checked and normalised as the TypeScript client does before a start. */
import { ENGINE_VERSION } from '../../src/core/limits.js';
import { definitionDigest } from '../../src/definition/definition-digest.js';
import { parseDefinition } from '../../src/definition/parse-definition.js';
import type { JsonObject } from '../../src/json/json.js';
import type { PreparedDefinition } from '../../src/workflows/messages.js';
import { INITIAL_CONTEXT } from '../walk.js';
import { FIVE_PHASES, MANY_TASKS } from './documents.js';

/** The five phases. */
export function prepareFivePhases(): PreparedDefinition {
  return prepare(FIVE_PHASES, INITIAL_CONTEXT);
}

/** One phase of that many tasks. */
export function prepareManyTasks(tasks: number): PreparedDefinition {
  return prepare(MANY_TASKS, { items: Array.from({ length: tasks }, (_, index) => `item ${String(index)}`) });
}

/** A definition as a start carries it. */
export function prepare(document: string, context: JsonObject): PreparedDefinition {
  const { definition, diagnostics } = parseDefinition(document);
  if (definition === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return {
    definition,
    digest: definitionDigest(definition),
    context,
    settings: {
      engine_version: ENGINE_VERSION,
      max_recursion_depth: 5,
      default_automation_level: 60,
      default_resource_quota: {},
    },
  };
}
