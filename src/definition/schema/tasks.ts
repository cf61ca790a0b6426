/** Tasks: five kinds, and the keys that they share. */
import { z } from 'zod';
import { NUMBER_RANGES } from '../../json/number-ranges.js';
import { SCHEMA_ID } from '../../json/schema-id.js';
import { executor } from './executors.js';
import { onFailure } from './rules.js';
import {
  childQuota,
  condition,
  errorPatterns,
  expression,
  expressionMap,
  jsonMap,
  jsonValue,
  name,
  numberOrTemplate,
  text,
  wordOrNumber,
} from './values.js';

/** The shape of an inline definition, as far as a type can say it without going round in a circle. */
export interface InlineDefinition {
  readonly name: string;
  readonly version: string;
  readonly phases: readonly unknown[];
  readonly [key: string]: unknown;
}

export const joinValue = wordOrNumber(NUMBER_RANGES.join);
export const requireValue = wordOrNumber(NUMBER_RANGES.require);
const seconds = numberOrTemplate(NUMBER_RANGES.seconds);

const wait = z
  .union([
    z.strictObject({ for_sec: seconds.describe('Seconds: a durable timer') }),
    z.strictObject({ until: expression.describe('An expression that gives a time') }),
    z.strictObject({ when: condition.describe('An expression; the task completes as soon as it holds') }),
  ])
  .meta({ id: 'wait', description: 'Waits for a time or for a condition' });

const retry = z
  .strictObject({
    max_attempts: numberOrTemplate(NUMBER_RANGES.max_attempts).describe('All attempts, the first included'),
    initial_interval_sec: seconds.optional().describe('Seconds before the second attempt; default 1'),
    backoff: numberOrTemplate(NUMBER_RANGES.backoff)
      .optional()
      .describe('Factor from one interval to the next; default 2'),
    max_interval_sec: seconds.optional().describe('Upper bound of an interval'),
    errors: errorPatterns.optional(),
  })
  .meta({ id: 'retry', description: 'Further attempts of a failed task; without it there is one' });

/** The keys that make a task what it is: exactly one stands on a task. */
export function kindKeys(inline: z.ZodType<InlineDefinition>) {
  const reference = z.string().refine((value) => value.includes('${') || SCHEMA_ID.test(value), {
    error: 'a subworkflow is the name of a definition, `name@version`, or an inline definition',
  });
  return {
    task: text.optional().describe('What an agent is to do: a template'),
    approval: text.optional().describe('What a person is to decide: a template'),
    executor: executor.optional(),
    subworkflow: z
      .union([reference, inline])
      .optional()
      .describe("A child instance: a definition's name, name@version, or an inline definition"),
    wait: wait.optional(),
  };
}

/** Keys of a task that may stand on a phase too, beside the kind. */
export const sharedTaskKeys = {
  after: z.array(z.string()).optional().describe('Tasks of this parallel phase that must have closed first'),
  foreach: z
    .union([expression, z.array(jsonValue)])
    .optional()
    .describe('An expression that gives a list: one element a task; `item` and `index` are bound'),
  max_parallel: numberOrTemplate(NUMBER_RANGES.max_parallel)
    .optional()
    .describe('foreach: elements open at once; default 20'),
  context: z
    .union([jsonMap, z.string().regex(/^\s*\$\{[\s\S]*\}\s*$/, { error: 'a context is a map, or one `${…}`' })])
    .optional()
    .describe('Data for whoever does the task, variables for a child; every string a template'),
  automation: numberOrTemplate(NUMBER_RANGES.automation)
    .optional()
    .describe('Runs or decides by itself from this automation_level on; executors 50, approvals 100'),
  retry: retry.optional(),
  timeout_sec: seconds.optional().describe('Seconds from opening to close; executors 3,600 by default'),
  heartbeat_sec: seconds.optional().describe('executor: seconds between signs of life of a long one'),
  expects: jsonMap.optional().describe("JSON Schema that a trigger's data must fit"),
  early: z.enum(['keep']).optional().describe('Keeps triggers that come before the task opens'),
  cancels: z
    .array(z.string().min(1))
    .optional()
    .describe('`phase` or `phase/task`: cancelled when this task completes'),
  meta: jsonMap.optional().describe('Hints for whoever does it: opaque to the engine'),
  compensate: executor.optional().describe('Run for the completed task when the instance fails or is cancelled'),
  decisions: z.array(z.string().min(1).max(255)).min(1).optional().describe('approval: default [approve, reject]'),
  auto: z.string().min(1).optional().describe('approval: the decision taken by itself; default the first'),
  inherit: z.array(z.string().min(1)).optional().describe('subworkflow: variables the child starts with; default all'),
  resource_quota: childQuota.optional().describe('subworkflow: what the child may spend'),
};

export function taskSchema(inline: z.ZodType<InlineDefinition>) {
  return z
    .strictObject({
      name: name.optional().describe('Unique in the phase; default task_1, task_2…'),
      ...kindKeys(inline),
      condition: condition.optional().describe('False: the task is skipped'),
      ...sharedTaskKeys,
      join: joinValue.optional().describe('foreach: all (default), any, or how many elements must complete'),
      require: requireValue.optional().describe('foreach: at least so many elements completed'),
      outputs: expressionMap.optional().describe('What the task writes into variables; expressions see `result`'),
      on_failure: onFailure.optional(),
    })
    .meta({ id: 'task', description: 'A task of a phase' });
}
