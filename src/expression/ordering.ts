import { compareCodePoints } from './code-points.js';
import type { ExpressionBudget } from './expression-budget.js';
import { Duration, Fault, nameKind, Timestamp } from './value.js';
import type { Value } from './value.js';

export type OrderingOperator = '<' | '<=' | '>' | '>=';

/** CEL's `<` and the like: numbers of any type, strings by their code points, booleans, moments and spans of time. */
export function compareValues(
  operator: OrderingOperator,
  left: Value,
  right: Value,
  budget: ExpressionBudget,
): Value {
  if (typeof left === 'number' || typeof left === 'bigint') {
    if (typeof right === 'number' || typeof right === 'bigint') return order(operator, left, right);
  } else if (typeof left === 'string' && typeof right === 'string') {
    return order(operator, compareCodePoints(left, right, budget), 0);
  } else if (typeof left === 'boolean' && typeof right === 'boolean') {
    return order(operator, Number(left), Number(right));
  } else if (left instanceof Timestamp && right instanceof Timestamp) {
    return order(operator, left.nanos, right.nanos);
  } else if (left instanceof Duration && right instanceof Duration) {
    return order(operator, left.nanos, right.nanos);
  }
  return new Fault(`${operator} does not compare ${nameKind(left)} with ${nameKind(right)}`);
}

/** Mixed ints and doubles are compared by their exact values; nothing holds for NaN. */
function order(operator: OrderingOperator, left: number | bigint, right: number | bigint): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}
