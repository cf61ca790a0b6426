import type { ExpressionBudget } from './expression-budget.js';
import { Fault } from './value.js';
import type { Value } from './value.js';

/** What an expression can read, by name. Thunks are called at most once an evaluation, and only when needed. */
export type Scope = Readonly<Record<string, () => unknown>>;

/** One evaluation under way. */
export interface Frame {
  readonly budget: ExpressionBudget;
  readonly scope: Scope;
  /** Roots read so far, by the slots that compiling gave them. */
  readonly roots: (Value | undefined)[];
  /** The current elements of the macros, by their slots. */
  readonly locals: Value[];
}

/** A compiled node. */
export type Step = (frame: Frame) => Value;

/** Reads a root from the scope. */
export function loadRoot(scope: Scope, name: string): Value {
  const thunk = Object.hasOwn(scope, name) ? scope[name] : undefined;
  if (thunk === undefined) return new Fault(`Unknown name: ${name}`);
  // The scope is JSON by contract; whatever else it held would be refused where it is used, not trusted.
  const value = thunk() as Value | undefined;
  return value === undefined ? new Fault(`There is no ${name} here`) : value;
}
