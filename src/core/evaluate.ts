/** Expressions and templates of a definition, evaluated within a turn. What fails becomes an `ExpressionError`. */
import {
  ExpressionFailure,
  evaluateExpression,
  evaluateExpressionMap,
  renderTemplate,
  type RenderOptions,
} from '../expression/index.js';
import { isJsonObject, type Json, type JsonObject } from '../json/json.js';
import { describeRange, isInRange, NUMBER_RANGES, type NumberRange } from '../json/number-ranges.js';
import type { Join, JoinTemplate, NumberTemplate } from '../definition/definition.js';
import { Fault } from './fault.js';
import { isWrittenOut } from './join.js';
import { buildScope, type ScopeExtras } from './scope.js';
import type { Turn } from './turn.js';

/** Where an expression stands: named in its error. */
export interface Place {
  readonly phase: string | null;
  readonly task?: string | undefined;
  readonly field: string;
}

function locate<T>(place: Place, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof ExpressionFailure)) throw error;
    throw expressionFault(place, error.expression, error.reason);
  }
}

/** A fault of type `ExpressionError`, naming phase, field, expression and reason. */
export function expressionFault(place: Place, expression: string, reason: string): Fault {
  const where = [place.phase, place.task, place.field].filter((part) => part != null).join('.');
  return new Fault({
    type: 'ExpressionError',
    message: `Expression failed in ${where}: ${reason} [expression=${expression.slice(0, 200)}]`,
    details: { phase: place.phase, task: place.task ?? null, field: place.field, expression, reason },
  });
}

/** The value of an expression. */
export function evaluate(turn: Turn, source: string, place: Place, extras?: ScopeExtras): Json {
  return locate(place, () => evaluateExpression(source, buildScope(turn, extras), turn.budget));
}

/** A condition: anything but a boolean is an error, never false. */
export function evaluateCondition(turn: Turn, source: string, place: Place, extras?: ScopeExtras): boolean {
  const value = evaluate(turn, source, place, extras);
  if (typeof value === 'boolean') return value;
  throw expressionFault(place, source, `gives ${describe(value)}, where true or false is due`);
}

/** The list that a foreach runs over. */
export function evaluateList(turn: Turn, source: string, place: Place): readonly Json[] {
  const value = evaluate(turn, source, place);
  if (Array.isArray(value)) return value as readonly Json[];
  throw expressionFault(place, source, `gives ${describe(value)}, where a list is due`);
}

/** `outputs` or `result`: every string is an expression; all see the variables as they are. */
export function evaluateOutputs(
  turn: Turn,
  outputs: JsonObject,
  place: Place,
  extras?: ScopeExtras,
): JsonObject {
  const value = locate(place, () =>
    evaluateExpressionMap(outputs as Json, buildScope(turn, extras), turn.budget),
  );
  return isJsonObject(value) ? value : {};
}

/** JSON in which every string is a template. */
export function render(
  turn: Turn,
  template: Json,
  place: Place,
  extras?: ScopeExtras,
  options: RenderOptions = {},
): Json {
  return locate(place, () => renderTemplate(template, buildScope(turn, extras), turn.budget, options));
}

/** A template as text: what is not a string is shown as JSON. */
export function renderText(turn: Turn, template: Json, place: Place, extras?: ScopeExtras): string {
  const value = render(turn, template, place, extras);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A number, written out or as one `${…}`; what that gives lies in the range that literals have. */
export function renderNumber(
  turn: Turn,
  template: NumberTemplate,
  range: NumberRange,
  place: Place,
  extras?: ScopeExtras,
): number {
  return typeof template === 'number' ? template : renderBounded(turn, template, range, place, extras);
}

/** A deadline's seconds: of none it is due at once. */
const UNTIL_DEADLINE: NumberRange = { min: 0, max: 1e10, unit: 'seconds' };

/** A number of seconds until a deadline, written out or as one `${…}`. */
export function renderSeconds(
  turn: Turn,
  template: NumberTemplate,
  place: Place,
  extras?: ScopeExtras,
): number {
  return renderNumber(turn, template, UNTIL_DEADLINE, place, extras);
}

/** The join of a visit, or what it requires: written out or as one `${…}`. */
export function renderJoin(
  turn: Turn,
  template: JoinTemplate,
  place: Place & { readonly field: 'join' | 'require' },
  extras?: ScopeExtras,
): Join {
  if (isWrittenOut(template)) return template;
  const value = renderBounded(turn, template, NUMBER_RANGES[place.field], place, extras);
  return value === 'any' ? 1 : value;
}

/** What one `${…}` gives where a number, or a word in its place, is due. */
function renderBounded<Word extends string>(
  turn: Turn,
  template: string,
  range: NumberRange<Word>,
  place: Place,
  extras: ScopeExtras | undefined,
): number | Word {
  const value = render(turn, template, place, extras);
  const word = range.words?.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  if (isInRange(value, range)) return value;
  throw expressionFault(place, template, `gives ${show(value)}, where ${describeRange(range)} is due`);
}

/** A value that is no number of the range that is due: the value itself, where it is short. */
function show(value: Json): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 80))}`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : describe(value);
}

function describe(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value === 'object' ? 'map' : typeof value}`;
}
