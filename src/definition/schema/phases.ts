import { z } from 'zod';
import { NUMBER_RANGES } from '../../json/number-ranges.js';
import { next, onFailure } from './rules.js';
import { joinValue, kindKeys, requireValue, sharedTaskKeys, taskSchema } from './tasks.js';
import type { InlineDefinition } from './tasks.js';
import { condition, expressionMap, name, numberOrTemplate, phaseName } from './values.js';

export function phaseSchema(inline: z.ZodType<InlineDefinition>) {
  return z
    .strictObject({
      name: name.describe('Unique in the document'),
      condition: condition.optional().describe('False: go to fallback_phase, or past this phase'),
      fallback_phase: phaseName.optional().describe('Where a false condition leads'),
      execution_strategy: z
        .enum(['sequential', 'parallel', 'concurrent'])
        .optional()
        .describe("How the phase's tasks run; default sequential"),
      max_visits: numberOrTemplate(NUMBER_RANGES.count).optional().describe('How often the phase may be entered'),
      on_max_visits: phaseName.optional().describe('A phase, or `fail` with LoopLimitError (default)'),
      tasks: z.array(taskSchema(inline)).optional().describe('The tasks; [] makes a phase that only sets variables'),
      ...kindKeys(inline),
      ...sharedTaskKeys,
      join: joinValue.optional().describe('all (default; concurrent: 0), any, or how many tasks must complete'),
      require: requireValue.optional().describe('Once all have closed: at least so many completed'),
      outputs: expressionMap.optional().describe('What the phase writes into variables'),
      next: next.optional(),
      on_timeout: phaseName.optional().describe('A phase to go to when a task times out'),
      on_failure: onFailure.optional(),
    })
    .meta({ id: 'phase', description: 'A phase: one task by its kind, or a list of tasks' });
}
