/** The functions and methods of the language. What does not stand here is a problem of the source. */
import { countEntries } from './access.js';
import {
  convertToDuration,
  convertToTimestamp,
  toBool,
  toDouble,
  toInt,
  toText,
  toType,
} from './conversions.js';
import type { ExpressionBudget } from './expression-budget.js';
import { countCodePoints } from './code-points.js';
import { COST } from './limits.js';
import { elementsOf, Fault, isMap, nameKind, Optional } from './value.js';
import type { Value } from './value.js';
import { TIME_FUNCTIONS } from './time-functions.js';

/** One function. A method takes its receiver as the first argument. */
export interface FunctionFacts {
  /** How it is written, for messages. */
  readonly usage: string;
  /** How many arguments the form `f(x)` takes; absent where there is no such form. */
  readonly functionArity?: readonly number[];
  /** How many arguments the form `x.f()` takes, the receiver included; absent where there is no such form. */
  readonly methodArity?: readonly number[];
  /** What a call costs beyond its node, in units. */
  readonly cost?: number;
  /** Gets no faults: they end the call before. */
  readonly call: (args: readonly Value[], budget: ExpressionBudget) => Value;
}

type OneArgument = (value: Value, budget: ExpressionBudget) => Value;
type TwoStrings = (text: string, part: string) => boolean;

const CORE_FUNCTIONS: Readonly<Record<string, FunctionFacts>> = {
  size: {
    usage: 'size(x) or x.size()',
    functionArity: [1],
    methodArity: [1],
    call: ([value = null], budget) => size(value, budget),
  },
  string: { ...conversion('string(x)', toText), cost: COST.number },
  int: { ...conversion('int(x)', toInt), cost: COST.number },
  double: { ...conversion('double(x)', toDouble), cost: COST.number },
  bool: conversion('bool(x)', toBool),
  timestamp: { ...conversion('timestamp("2026-11-21T06:00:00Z")', convertToTimestamp), cost: COST.time },
  duration: { ...conversion('duration("1h30m")', convertToDuration), cost: COST.time },
  type: conversion('type(x)', toType),
  dyn: conversion('dyn(x)', (value) => value),
  contains: stringTest('text.contains(part)', (text, part) => text.includes(part)),
  startsWith: stringTest('text.startsWith(part)', (text, part) => text.startsWith(part)),
  endsWith: stringTest('text.endsWith(part)', (text, part) => text.endsWith(part)),
  'optional.of': conversion('optional.of(x)', (value) => new Optional(value)),
  'optional.ofNonZeroValue': conversion('optional.ofNonZeroValue(x)', toNonZero),
  'optional.none': { usage: 'optional.none()', functionArity: [0], call: () => Optional.none },
  hasValue: { usage: 'x.hasValue()', methodArity: [1], call: ([value = null]) => hasValue(value) },
  value: { usage: 'x.value()', methodArity: [1], call: ([value = null]) => unwrap(value) },
};

/** Every function by its name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionFacts> = new Map([
  ...Object.entries(CORE_FUNCTIONS),
  ...Object.entries(TIME_FUNCTIONS),
]);

function conversion(usage: string, convert: OneArgument): FunctionFacts {
  return { usage, functionArity: [1], call: ([value = null], budget) => convert(value, budget) };
}

function stringTest(usage: string, test: TwoStrings): FunctionFacts {
  const name = usage.slice(usage.indexOf('.') + 1, usage.indexOf('('));
  return {
    usage,
    methodArity: [2],
    call: ([text = null, part = null], budget) => {
      if (typeof text !== 'string' || typeof part !== 'string') {
        return new Fault(`${name}() does not take ${nameKind(text)} and ${nameKind(part)}`);
      }
      // The engine's search goes over a text at most some two times.
      budget.spendChars(2 * text.length + part.length);
      return test(text, part);
    },
  };
}

function size(value: Value, budget: ExpressionBudget): Value {
  if (typeof value === 'string') return BigInt(countCodePoints(value, budget));
  const elements = elementsOf(value);
  if (elements !== undefined) return BigInt(elements.length);
  if (isMap(value)) return BigInt(countEntries(value, budget));
  return new Fault(`size() does not take ${nameKind(value)}`);
}

function toNonZero(value: Value, budget: ExpressionBudget): Value {
  const isZero = value === null || value === false || value === '' || value === 0 || value === 0n;
  if (isZero) return Optional.none;
  const isEmpty = elementsOf(value)?.length === 0 || (isMap(value) && countEntries(value, budget) === 0);
  return isEmpty ? Optional.none : new Optional(value);
}

function hasValue(value: Value): Value {
  return value instanceof Optional ? value.value !== undefined : notOptional('hasValue', value);
}

function unwrap(value: Value): Value {
  if (!(value instanceof Optional)) return notOptional('value', value);
  return value.value === undefined ? new Fault('The optional has no value') : value.value;
}

/** The fault of a method of optionals on anything else. */
export function notOptional(method: string, value: Value): Fault {
  return new Fault(`${method}() takes an optional, as of variables.?x, not ${nameKind(value)}`);
}
