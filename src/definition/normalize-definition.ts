/** A checked document with every shorthand spelt out and every default filled in that the engine does not give. */
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import { compact } from './compact.js';
import type { Definition, NextRule, NumberTemplate, PhaseDefinition, ResourceQuota } from './definition.js';
import {
  normalizeExpression,
  normalizeExpressions,
  normalizeFailure,
  normalizeJoin,
} from './normalize-rules.js';
import { normalizeTask } from './normalize-task.js';
import { listOf, outlineDocument, textOf, type PhaseOutline } from './outline.js';

/**
 * Normalises a document that has no errors; the casts here rest on that. Deterministic, and plain JSON: the same
 * document always gives the same definition.
 */
export function normalizeDefinition(document: JsonObject): Definition {
  const { raw, phases } = outlineDocument(document);
  return compact({
    name: raw['name'] as string,
    version: raw['version'] as string,
    description: textOf(raw['description']),
    automation_level: raw['automation_level'] as number | undefined,
    max_recursion_depth: (raw['max_recursion_depth'] as number | undefined) ?? 5,
    default_resource_quota: raw['default_resource_quota'] as ResourceQuota | undefined,
    on_quota_exceeded: (raw['on_quota_exceeded'] as Definition['on_quota_exceeded'] | undefined) ?? 'fail',
    input: raw['input'] as JsonObject | undefined,
    result: normalizeExpressions(raw['result']),
    finally: textOf(raw['finally']),
    on_failure: normalizeFailure(raw['on_failure']),
    phases: phases.map(normalizePhase),
  });
}

/** The join of a phase with one foreach is the foreach's; the phase then waits for that one task. */
function normalizePhase(phase: PhaseOutline): PhaseDefinition {
  const { raw, name, isSingle } = phase;
  const strategy = phase.strategy as PhaseDefinition['execution_strategy'];
  const ownJoin = normalizeJoin(raw['join']);
  const ownRequire = normalizeJoin(raw['require']);
  const isForeach = phase.tasks.length === 1 && phase.tasks[0]?.raw['foreach'] !== undefined;
  // A concurrent phase is left once its join is met, and its foreach goes on: it waits for all of its elements.
  const joinsElements = isForeach && strategy !== 'concurrent';
  const over = { join: joinsElements ? ownJoin : undefined, require: isForeach ? ownRequire : undefined };
  const onMaxVisits = textOf(raw['on_max_visits']);
  return compact({
    name,
    condition: normalizeExpression(raw['condition']),
    fallback_phase: textOf(raw['fallback_phase']),
    execution_strategy: strategy,
    tasks: phase.tasks.map((task) => normalizeTask(task, { isSingle, ...over })),
    single: isSingle,
    join: joinsElements ? 'all' : (ownJoin ?? (strategy === 'concurrent' ? 0 : 'all')),
    require: isForeach ? undefined : ownRequire,
    outputs: normalizeExpressions(raw['outputs']),
    next: normalizeNext(raw['next']),
    max_visits: raw['max_visits'] as NumberTemplate | undefined,
    on_max_visits: onMaxVisits === 'fail' ? undefined : onMaxVisits,
    on_timeout: textOf(raw['on_timeout']),
    on_failure: normalizeFailure(raw['on_failure']),
  });
}

function normalizeNext(value: Json | undefined): readonly NextRule[] {
  if (typeof value === 'string') return [{ goto: value }];
  return listOf(value)
    .filter(isJsonObject)
    .map((rule) =>
      compact({
        when: normalizeExpression(rule['when']),
        goto: rule['goto'] as string,
        reason: rule['reason'],
        error: textOf(rule['error']),
      }),
    );
}
