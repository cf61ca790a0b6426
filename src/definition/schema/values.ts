/** Values that stand in many places of a definition. */
import { z } from 'zod';
import type { Json } from '../../json/json.js';
import { ERROR_PATTERN, ERROR_TYPE, NAME } from '../names.js';

/** Any JSON. The document was read as JSON, so nothing is left to check; depth and size have been. */
export const jsonValue = z.custom<Json>(() => true);

/** A JSON object. */
export const jsonMap = z.record(z.string(), jsonValue);

export const name = z.string().regex(NAME, {
  error: 'a name has letters, digits, `_` and `-`, begins with a letter or `_`, and has at most 64 characters',
});

/** The name of a phase that exists. */
export const phaseName = z.string().min(1);

export const text = z.string().min(1).max(65_536);

/** CEL, with or without `${…}` round it. */
export const expression = z.string().min(1).meta({ id: 'expression', description: 'A CEL expression' });

/** An expression that gives true or false, or the literal. */
export const condition = z.union([expression, z.boolean()]);

/** Names and what they get; every string is an expression, at any depth. */
export const expressionMap = z.record(z.string().min(1), jsonValue);

/** Longest duration: a hundred years, which is what Temporal's timers take. */
const MAX_SECONDS = 3_155_760_000;

export const seconds = z.number().positive().max(MAX_SECONDS);

/** Seconds, or one `${…}` that gives them. */
export const secondsTemplate = z.union([
  seconds,
  z.string().regex(/\$\{/, { error: 'seconds are a number, or one `${…}` that gives one' }),
]);

export const automationLevel = z.int().min(0).max(100);

export const errorType = z.string().regex(ERROR_TYPE, {
  error: 'the type of an error has letters, digits, `_`, `.` and `-`',
});

export const errorPatterns = z
  .array(
    z.string().regex(ERROR_PATTERN, {
      error: 'a filter is the type of an error: letters, digits, `_`, `.`, `-`, and `*` for any run of characters',
    }),
  )
  .min(1)
  .describe('Types of errors; `*` stands for any run of characters');

export const resourceQuota = z
  .strictObject({
    max_tokens: z.int().positive().optional().describe('Tokens that models may use, in all children too'),
    max_duration_sec: seconds.optional().describe('Seconds from the start'),
    max_cost_usd: z.number().positive().optional().describe('US dollars'),
    max_children: z.int().positive().optional().describe('Direct children ever created'),
  })
  .meta({ id: 'resourceQuota', description: 'Bounds on what an instance and all below it may spend' });
