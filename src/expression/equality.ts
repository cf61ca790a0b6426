import type { JsonObject } from '../json/json.js';
import { keysOf, lookUp } from './access.js';
import type { ExpressionBudget } from './expression-budget.js';
import { COST } from './limits.js';
import { Duration, elementsOf, Fault, isMap, Optional, Timestamp, TypeName } from './value.js';
import type { MapKey, Value } from './value.js';

/**
 * CEL's `==`: numbers by their value whatever their type (1 == 1.0), lists and maps by their elements; values of
 * different types are unequal, not an error. Priced by the elements compared, and strings by their length.
 */
export function isEqual(left: Value, right: Value, budget: ExpressionBudget): boolean {
  budget.spend(COST.element);
  if (typeof left === 'string') return typeof right === 'string' && isEqualString(left, right, budget);
  if (isNumber(left)) return isNumber(right) && isEqualNumber(left, right);
  if (typeof left !== 'object' || left === null) return left === right;
  if (typeof right !== 'object' || right === null) return false;
  budget.spend(COST.element);
  return isEqualObject(left, right, budget);
}

/** `value in container`: an element of a list, or a key of a map. */
export function isIn(value: Value, container: Value, budget: ExpressionBudget): Value {
  const elements = elementsOf(container);
  if (elements !== undefined) return elements.some((element) => isEqual(element, value, budget));
  const found = lookUp(container, value);
  return found instanceof Fault ? found : found !== undefined;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isEqualNumber(left: number | bigint, right: number | bigint): boolean {
  // JavaScript orders a bigint and a number by their exact values; `===` would tell their types apart.
  return left <= right && left >= right;
}

function isEqualString(left: string, right: string, budget: ExpressionBudget): boolean {
  if (left.length !== right.length) return false;
  budget.spendChars(left.length);
  return left === right;
}

function isEqualObject(left: Value & object, right: Value & object, budget: ExpressionBudget): boolean {
  const elements = elementsOf(left);
  if (elements !== undefined) return isEqualList(elements, elementsOf(right), budget);
  if (isMap(left)) return isMap(right) && isEqualMap(left, right, budget);
  if (left instanceof Optional) return right instanceof Optional && isEqualOptional(left, right, budget);
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos;
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  return left instanceof TypeName && right instanceof TypeName && left.name === right.name;
}

function isEqualList(
  left: readonly Value[],
  right: readonly Value[] | undefined,
  budget: ExpressionBudget,
): boolean {
  if (left.length !== right?.length) return false;
  return left.every((element, index) => isEqual(element, right[index] ?? null, budget));
}

type AnyMap = JsonObject | ReadonlyMap<MapKey, Value>;

function isEqualMap(left: AnyMap, right: AnyMap, budget: ExpressionBudget): boolean {
  const keys = allKeys(left, budget);
  if (keys.length !== allKeys(right, budget).length) return false;
  return keys.every((key) => {
    const other = lookUp(right, key);
    return other !== undefined && isEqual(lookUp(left, key) ?? null, other, budget);
  });
}

function allKeys(map: AnyMap, budget: ExpressionBudget): readonly MapKey[] {
  if (!(map instanceof Map)) return keysOf(map as JsonObject, budget);
  budget.spend(map.size * COST.key);
  return [...(map as ReadonlyMap<MapKey, Value>).keys()];
}

function isEqualOptional(left: Optional, right: Optional, budget: ExpressionBudget): boolean {
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return isEqual(left.value, right.value, budget);
}
