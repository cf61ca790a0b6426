/** Values that stand in many places of a definition. */
import { z } from 'zod';
import type { Json } from '../../json/json.js';
import { NUMBER_RANGES, type NumberRange } from '../../json/number-ranges.js';
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

/**
 * One `${…}` where a number is due: that it stands alone is looked at with the expression in it. Another text is none
 * at all, so that the other branches of the union have their say.
 */
export const numberTemplate = z
  .string()
  .regex(/\$\{/, { abort: true })
  .meta({ id: 'numberTemplate', description: 'One `${…}` alone, which gives it' });

/** Names and what they get; every string is an expression, at any depth. */
export const expressionMap = z.record(z.string().min(1), jsonValue);

/** A number that is written out. */
export function numberIn({ min, above, max, isWhole = false }: NumberRange<string>): z.ZodNumber {
  let number: z.ZodNumber = isWhole ? z.int() : z.number();
  if (min !== undefined) number = number.min(min);
  if (above !== undefined) number = number.gt(above);
  return max === undefined ? number : number.max(max);
}

/** A number, or one `${…}` that gives it once there are variables. */
export function numberOrTemplate(range: NumberRange) {
  return z.union([numberIn(range), numberTemplate]);
}

/** A word that stands for a number, a number, or one `${…}` that gives either. */
export function wordOrNumber<Word extends string>(range: NumberRange<Word> & { readonly words: readonly Word[] }) {
  return z.union([z.enum(range.words), numberIn(range), numberTemplate]);
}

/** Level of automation of an instance, before there are variables. */
export const automationLevel = numberIn(NUMBER_RANGES.automation);

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

function quotaOf<Bound extends z.ZodType>(bound: (range: NumberRange) => Bound) {
  return z.strictObject({
    max_tokens: bound(NUMBER_RANGES.count).optional().describe('Tokens that models may use, in all children too'),
    max_duration_sec: bound(NUMBER_RANGES.seconds).optional().describe('Seconds from the start'),
    max_cost_usd: bound(NUMBER_RANGES.dollars).optional().describe('US dollars'),
    max_children: bound(NUMBER_RANGES.count).optional().describe('Direct children ever created'),
  });
}

/** Of the document: settled before there are variables. */
export const resourceQuota = quotaOf(numberIn).meta({
  id: 'resourceQuota',
  description: 'Bounds on what an instance and all below it may spend',
});

/** Of a subworkflow: its parent's variables are there. */
export const childQuota = quotaOf(numberOrTemplate).meta({
  id: 'childQuota',
  description: 'Bounds on what a child and all below it may spend',
});
