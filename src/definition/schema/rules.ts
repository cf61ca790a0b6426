/** Where a phase leads: `next` and `on_failure`. */
import { z } from 'zod';
import { condition, errorPatterns, errorType, expressionMap, phaseName, text } from './values.js';

const reason = text.describe('Why, with `fail` and `cancel`: a template');
const error = errorType.describe('The type of the error, with `fail`');

export const nextRule = z.strictObject({
  when: condition.optional().describe('The entry is followed where this holds; without it, always'),
  goto: phaseName.describe('A phase, or `end`, `end_now`, `fail`, `cancel`'),
  reason: reason.optional(),
  error: error.optional(),
});

export const next = z
  .union([phaseName, z.array(nextRule).min(1)])
  .describe('Where the phase leads: a phase, or a list whose first entry that holds wins. Default: the phase that follows');

export const failureRule = z.strictObject({
  errors: errorPatterns.optional(),
  goto: phaseName.describe('A phase, or `continue` (tasks), `fail`, `cancel`, `end`, `end_now`'),
  outputs: expressionMap.optional().describe('Variables to set; expressions see `error`'),
  reason: reason.optional(),
  error: error.optional(),
});

export const onFailure = z
  .union([phaseName, z.array(failureRule).min(1)])
  .meta({
    id: 'onFailure',
    description: 'Where a failure leads: a phase, `continue` (tasks), `fail`, `cancel`, or a list that filters by type',
  });
