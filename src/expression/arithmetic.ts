/**
 * `+ - * / %` and the minus before a value.
 *
 * A1 Ints stay ints of 64 bits; what does not fit is a fault.
 * A2 Doubles follow IEEE 754: 1.0 / 0.0 is infinite (and refused where it would leave the expression).
 * A3 An int with a double is computed as doubles, both ways round. JSON numbers are doubles, so `variables.n / 2` is
 *    never cut to an int, whatever the data.
 * A4 `%` takes doubles that are whole, and no others.
 */
import type { ExpressionBudget } from './expression-budget.js';
import { ExpressionFailure } from './expression-failure.js';
import { COST, MAX_VALUE_BYTES, MAX_VALUE_ELEMENTS } from './limits.js';
import { toDuration, toTimestamp } from './time.js';
import { Duration, elementsOf, Fault, MadeList, nameKind, Timestamp } from './value.js';
import type { Value } from './value.js';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** Computes with two values; a fault where their types do not go together. */
export function calculate(
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  budget: ExpressionBudget,
): Value {
  if (typeof left === 'number') {
    if (typeof right === 'number') return calculateDouble(operator, left, right);
    if (typeof right === 'bigint') return calculateDouble(operator, left, Number(right));
  } else if (typeof left === 'bigint') {
    if (typeof right === 'bigint') {
      budget.spend(COST.number);
      return calculateInt(operator, left, right);
    }
    if (typeof right === 'number') return calculateDouble(operator, Number(left), right);
  } else if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
    return concatStrings(left, right, budget);
  }
  return (
    concatLists(operator, left, right, budget) ??
    calculateTime(operator, left, right) ??
    refuse(operator, left, right)
  );
}

/** The minus before a value. */
export function negate(value: Value): Value {
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') return checkInt(-value);
  return new Fault(`- does not take ${nameKind(value)}`);
}

/** An int that fits into 64 bits, or a fault. */
export function checkInt(value: bigint): Value {
  return BigInt.asIntN(64, value) === value ? value : new Fault('The int does not fit into 64 bits');
}

/** @throws ExpressionFailure when a list is longer than one may be made. */
export function checkLength(length: number): void {
  if (length > MAX_VALUE_ELEMENTS) {
    throw new ExpressionFailure(`A list of ${length} elements exceeds the limit of ${MAX_VALUE_ELEMENTS}`);
  }
}

/** Joins two strings, at a cost by their length. @throws ExpressionFailure when the result is too large. */
export function concatStrings(left: string, right: string, budget: ExpressionBudget): string {
  const length = left.length + right.length;
  budget.spendChars(length);
  if (length > MAX_VALUE_BYTES) {
    throw new ExpressionFailure(
      `A string of ${length} characters exceeds the limit of ${MAX_VALUE_BYTES} bytes`,
    );
  }
  return left + right;
}

function concatLists(
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  budget: ExpressionBudget,
): Value | undefined {
  const first = operator === '+' ? elementsOf(left) : undefined;
  const second = first && elementsOf(right);
  if (first === undefined || second === undefined) return undefined;
  const length = first.length + second.length;
  budget.spend(COST.container + length * COST.element);
  checkLength(length);
  return new MadeList([...first, ...second]);
}

function calculateDouble(operator: ArithmeticOperator, left: number, right: number): Value {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return remainder(left, right);
  }
}

function remainder(left: number, right: number): Value {
  if (!Number.isInteger(left) || !Number.isInteger(right)) return new Fault('% takes whole numbers');
  return right === 0 ? new Fault('Modulus by zero') : left % right;
}

function calculateInt(operator: ArithmeticOperator, left: bigint, right: bigint): Value {
  switch (operator) {
    case '+':
      return checkInt(left + right);
    case '-':
      return checkInt(left - right);
    case '*':
      return checkInt(left * right);
    case '/':
      return right === 0n ? new Fault('Division by zero') : checkInt(left / right);
    case '%':
      return right === 0n ? new Fault('Modulus by zero') : checkInt(left % right);
  }
}

function calculateTime(operator: ArithmeticOperator, left: Value, right: Value): Value | undefined {
  if (operator === '+') {
    if (left instanceof Duration && right instanceof Duration) return toDuration(left.nanos + right.nanos);
    if (left instanceof Timestamp && right instanceof Duration) return toTimestamp(left.nanos + right.nanos);
    if (left instanceof Duration && right instanceof Timestamp) return toTimestamp(left.nanos + right.nanos);
  }
  if (operator === '-') {
    if (left instanceof Duration && right instanceof Duration) return toDuration(left.nanos - right.nanos);
    if (left instanceof Timestamp && right instanceof Duration) return toTimestamp(left.nanos - right.nanos);
    if (left instanceof Timestamp && right instanceof Timestamp) return toDuration(left.nanos - right.nanos);
  }
  return undefined;
}

function refuse(operator: ArithmeticOperator, left: Value, right: Value): Fault {
  const hint = operator === '+' && (typeof left === 'string' || typeof right === 'string');
  const advice = hint ? '; convert with string(…)' : '';
  return new Fault(`${operator} does not take ${nameKind(left)} and ${nameKind(right)}${advice}`);
}
