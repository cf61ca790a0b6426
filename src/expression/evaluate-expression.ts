import type { Json } from '../json/json.js';
import { BoundedCache } from './bounded-cache.js';
import { compileTree } from './compile-tree.js';
import type { ExpressionBudget } from './expression-budget.js';
import { ExpressionFailure } from './expression-failure.js';
import type { Frame, Scope, Step } from './frame.js';
import { mapStrings } from './map-strings.js';
import { analyseExpression } from './parse-expression.js';
import { toJson } from './to-json.js';
import type { Value } from './value.js';

interface CompiledExpression {
  readonly run: Step;
  readonly rootCount: number;
}

const cache = new BoundedCache<CompiledExpression>();

/**
 * Evaluates one expression. The scope is read only where the expression refers to it, and nothing in it is changed;
 * the result may share parts with it.
 *
 * @throws ExpressionFailure, naming the expression, and nothing else (but for what a thunk of the scope throws)
 */
export function evaluateExpression(source: string, scope: Scope, budget: ExpressionBudget): Json {
  try {
    return toJson(evaluateValue(source, scope, budget), budget);
  } catch (error) {
    if (!(error instanceof ExpressionFailure) || error.expression !== '') throw error;
    throw new ExpressionFailure(error.reason, source);
  }
}

/** As `evaluateExpression`, before the way out to JSON: ints are told from doubles, and a failing key is a `Fault`. */
export function evaluateValue(source: string, scope: Scope, budget: ExpressionBudget): Value {
  const { run, rootCount } = cache.getOrMake(source, compile);
  const frame: Frame = { budget, scope, roots: new Array<undefined>(rootCount).fill(undefined), locals: [] };
  return run(frame);
}

/** Evaluates every string of a value, at any depth, as an expression; what is no string stands for itself. */
export function evaluateExpressionMap(map: Json, scope: Scope, budget: ExpressionBudget): Json {
  return mapStrings(map, (source) => evaluateExpression(source, scope, budget));
}

function compile(source: string): CompiledExpression {
  const { parsed, tree } = analyseExpression(source);
  const problem = parsed.problems[0];
  if (problem !== undefined || tree === undefined) {
    throw new ExpressionFailure(problem?.message ?? 'The expression does not parse', source);
  }
  return compileTree(tree);
}
