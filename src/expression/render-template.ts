import { jsonStringSize } from '../json/json-size.js';
import type { Json } from '../json/json.js';
import { evaluateExpression } from './evaluate-expression.js';
import type { ExpressionBudget } from './expression-budget.js';
import { ExpressionFailure } from './expression-failure.js';
import type { Scope } from './frame.js';
import { MAX_VALUE_BYTES } from './limits.js';
import { mapStrings } from './map-strings.js';
import { parseTemplate, SECRET_PREFIX } from './parse-template.js';
import type { TemplatePart } from './parse-template.js';

export interface RenderOptions {
  /**
   * Refuse data that contains `${secret:`. To be set wherever the result goes to something that resolves secrets:
   * otherwise whoever writes a variable could have any secret sent.
   */
  readonly refuseSecretsInData?: boolean;
}

interface Rendering {
  readonly scope: Scope;
  readonly budget: ExpressionBudget;
  readonly options: RenderOptions;
}

/**
 * Renders every string of a value, at any depth, as a template; keys and what is no string stay as they are. One
 * `${…}` alone keeps the type of its value. In longer text strings stand raw, numbers, booleans and null as text, and
 * lists and maps as JSON. `${secret:NAME}` stays.
 *
 * @throws ExpressionFailure for a template with a problem, a failing expression, or text beyond 256 kB
 */
export function renderTemplate(
  template: Json,
  scope: Scope,
  budget: ExpressionBudget,
  options: RenderOptions = {},
): Json {
  const rendering: Rendering = { scope, budget, options };
  return mapStrings(template, (text) => renderText(text, rendering));
}

function renderText(text: string, rendering: Rendering): Json {
  if (!text.includes('${')) return text;
  const { parts, problems } = parseTemplate(text);
  const problem = problems[0];
  if (problem !== undefined) throw new ExpressionFailure(problem.message, text);
  const [first] = parts;
  if (parts.length !== 1 || first === undefined || typeof first === 'string') {
    return joinParts(parts, text, rendering);
  }
  const value = evaluatePart(first, rendering);
  refuseSecrets(JSON.stringify(value), 0, text, rendering);
  return value;
}

function joinParts(parts: readonly (string | TemplatePart)[], text: string, rendering: Rendering): string {
  let joined = '';
  let allowedSecrets = 0;
  for (const part of parts) {
    if (typeof part === 'string') allowedSecrets += countSecrets(part);
    joined += typeof part === 'string' ? part : toText(evaluatePart(part, rendering));
    if (joined.length > MAX_VALUE_BYTES) throw tooLarge(text);
  }
  payForText(joined, text, rendering.budget);
  refuseSecrets(joined, allowedSecrets, text, rendering);
  return joined;
}

function evaluatePart(part: TemplatePart, { scope, budget }: Rendering): Json {
  return evaluateExpression(part.source, scope, budget);
}

function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function payForText(joined: string, text: string, budget: ExpressionBudget): void {
  try {
    budget.spendChars(joined.length);
  } catch (error) {
    throw error instanceof ExpressionFailure ? new ExpressionFailure(error.reason, text) : error;
  }
  if (jsonStringSize(joined) > MAX_VALUE_BYTES) throw tooLarge(text);
}

function tooLarge(text: string): ExpressionFailure {
  return new ExpressionFailure(`The text exceeds the limit of ${MAX_VALUE_BYTES} bytes`, text);
}

/** Looks at the text as a whole: two pieces of data side by side could make up a secret's name. */
function refuseSecrets(joined: string, allowed: number, text: string, { options }: Rendering): void {
  if (options.refuseSecretsInData !== true || countSecrets(joined) === allowed) return;
  throw new ExpressionFailure(`The data contains ${SECRET_PREFIX}, which only a definition may write`, text);
}

function countSecrets(text: string): number {
  return text.split(SECRET_PREFIX).length - 1;
}
