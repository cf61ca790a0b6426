/** An expression that reads nothing gives the same at every run: what that is, and whether it fits, is known before. */
import { evaluateExpression, ExpressionBudget, ExpressionFailure } from '../expression/index.js';
import type { Json } from '../json/json.js';
import { describeGiven } from './describe-issue.js';
import type { Site } from './expression-sites.js';
import type { Report } from './finding.js';

/** What a constant may cost here: far more than any that is written by hand. */
const MAX_UNITS = 10_000;

/** Reports a constant that never gives what its place is for, or always fails. */
export function checkConstant({ source, path, gives }: Site, report: Report): void {
  if (gives === undefined) return;
  const { what, hint, fits } = EXPECTED[gives];
  const outcome = evaluateConstant(source);
  if (outcome === undefined || ('value' in outcome && fits(outcome.value))) return;
  if ('reason' in outcome) {
    const message = `This fails at every run: ${outcome.reason}`;
    report({ code: 'wrong-value', message, path, hint });
    return;
  }
  const message = `Expected ${what}, and this always gives ${describeGiven(outcome.value)}`;
  report({ code: 'wrong-value', message, path, hint });
}

/** Undefined where it costs too much to know. */
function evaluateConstant(source: string): { value: Json } | { reason: string } | undefined {
  const budget = new ExpressionBudget(MAX_UNITS);
  try {
    return { value: evaluateExpression(source, {}, budget) };
  } catch (error) {
    if (!(error instanceof ExpressionFailure)) throw error;
    return budget.spent > budget.limit ? undefined : { reason: error.reason };
  }
}

interface Expected {
  readonly what: string;
  readonly hint: string;
  readonly fits: (value: Json) => boolean;
}

const EXPECTED: Readonly<Record<NonNullable<Site['gives']>, Expected>> = {
  boolean: {
    what: 'true or false',
    hint: 'write true or false, or a comparison such as `variables.x == "yes"`',
    fits: (value) => typeof value === 'boolean',
  },
  list: {
    what: 'a list',
    hint: 'write a list, or an expression that gives one such as `variables.items`',
    fits: (value) => Array.isArray(value),
  },
  time: {
    what: 'a time with its zone',
    hint: 'e.g. \'timestamp("2030-01-31T12:00:00Z")\', or seconds since 1970',
    fits: isTime,
  },
};

const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** What the engine takes: an ISO-8601 time with its zone, or seconds since 1970; and a day that there is. */
function isTime(value: Json): boolean {
  if (typeof value === 'number') return value >= 0 && value < 1e11;
  const day = typeof value === 'string' ? INSTANT.exec(value)?.[1] : undefined;
  if (day === undefined || !Number.isFinite(Date.parse(String(value)))) return false;
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(start) && new Date(start).toISOString().startsWith(day);
}
