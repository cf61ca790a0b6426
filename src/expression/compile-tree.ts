/**
 * Turns a tree into closures. Each node that does something costs a unit when it runs; what is beyond one step (long
 * strings, lists, comparisons) is priced where it happens.
 */
import { read, readOptional, hasField, toMapKey } from './access.js';
import { calculate, negate } from './arithmetic.js';
import { SlotPlan } from './compile-context.js';
import type { CompileContext } from './compile-context.js';
import { compileMacro, compileOptionalMap } from './compile-macro.js';
import { isEqual, isIn } from './equality.js';
import { isForbiddenKey } from '../json/forbidden-key.js';
import { loadRoot } from './frame.js';
import type { Step } from './frame.js';
import { FUNCTIONS, notOptional } from './functions.js';
import { COST } from './limits.js';
import { compareValues } from './ordering.js';
import type { BinaryOperator, Node, NodeOf, NodeType } from './syntax-tree.js';
import { TYPE_NAMES } from './type-names.js';
import type { ExpressionBudget } from './expression-budget.js';
import { Fault, MadeList, nameKind, Optional, TypeName } from './value.js';
import type { MapKey, Value } from './value.js';

type Compilers = { readonly [K in NodeType]: (node: NodeOf<K>, context: CompileContext) => Step };

const COMPILERS: Compilers = {
  literal:
    ({ value }) =>
    () =>
      value,
  name: compileName,
  select: compileSelect,
  index: compileIndex,
  has: compileHas,
  call: compileCall,
  macro: compileMacro,
  fallback: compileFallback,
  optional_map: compileOptionalMap,
  list: compileList,
  map: compileMap,
  conditional: compileConditional,
  logic: compileLogic,
  not: compileNot,
  negate: compileNegate,
  binary: compileBinary,
};

/** Compiles a tree. */
export function compileTree(tree: Node): { readonly run: Step; readonly rootCount: number } {
  const plan = new SlotPlan();
  const run = compileNode(tree, { plan, locals: new Map(), compile: compileNode });
  return { run, rootCount: plan.roots.length };
}

function compileNode(node: Node, context: CompileContext): Step {
  // The registry's entry for a type takes nodes of that type; TypeScript cannot follow the pairing.
  const compile = COMPILERS[node.type] as (node: Node, context: CompileContext) => Step;
  return compile(node, context);
}

function compileName({ name }: NodeOf<'name'>, { plan, locals }: CompileContext): Step {
  const local = locals.get(name);
  if (local !== undefined) return (frame) => frame.locals[local] ?? null;
  if (TYPE_NAMES.has(name)) {
    const type = new TypeName(name);
    return () => type;
  }
  const slot = plan.rootSlot(name);
  return (frame) => {
    const known = frame.roots[slot];
    return known === undefined ? (frame.roots[slot] = loadRoot(frame.scope, name)) : known;
  };
}

function compileSelect({ operand, field, optional }: NodeOf<'select'>, context: CompileContext): Step {
  const container = compileNode(operand, context);
  const access = optional ? readOptional : read;
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = container(frame);
    return value instanceof Fault ? value : access(value, field);
  };
}

function compileIndex(node: NodeOf<'index'>, context: CompileContext): Step {
  const container = compileNode(node.operand, context);
  const index = compileNode(node.index, context);
  const access = node.optional ? readOptional : read;
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = container(frame);
    if (value instanceof Fault) return value;
    const key = index(frame);
    return key instanceof Fault ? key : access(value, key);
  };
}

function compileHas({ operand, field }: NodeOf<'has'>, context: CompileContext): Step {
  const container = compileNode(operand, context);
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = container(frame);
    return value instanceof Fault ? value : hasField(value, field);
  };
}

function compileCall({ name, args }: NodeOf<'call'>, context: CompileContext): Step {
  const facts = FUNCTIONS.get(name);
  // Unknown functions are problems of the source, which is then never compiled.
  if (facts === undefined) return () => new Fault(`Unknown function: ${name}()`);
  const steps = args.map((arg) => compileNode(arg, context));
  return (frame) => {
    frame.budget.spend(COST.node);
    const values: Value[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof Fault) return value;
      values.push(value);
    }
    frame.budget.spend(facts.cost ?? 0);
    return facts.call(values, frame.budget);
  };
}

function compileFallback(node: NodeOf<'fallback'>, context: CompileContext): Step {
  const operand = compileNode(node.operand, context);
  const fallback = compileNode(node.fallback, context);
  const { unwraps } = node;
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = operand(frame);
    if (value instanceof Fault) return value;
    if (!(value instanceof Optional)) return notOptional(unwraps ? 'orValue' : 'or', value);
    if (value.value !== undefined) return unwraps ? value.value : value;
    const other = fallback(frame);
    return unwraps || other instanceof Fault || other instanceof Optional ? other : notOptional('or', other);
  };
}

function compileList({ items }: NodeOf<'list'>, context: CompileContext): Step {
  const steps = items.map((item) => compileNode(item, context));
  return (frame) => {
    frame.budget.spend(COST.container + steps.length * COST.element);
    const list: Value[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof Fault) return value;
      list.push(value);
    }
    return new MadeList(list);
  };
}

function compileMap({ entries }: NodeOf<'map'>, context: CompileContext): Step {
  const steps = entries.map(
    ([key, value]) => [compileNode(key, context), compileNode(value, context)] as const,
  );
  return (frame) => {
    frame.budget.spend(COST.container + steps.length * COST.entry);
    const map = new Map<MapKey, Value>();
    for (const [keyStep, valueStep] of steps) {
      const key = toNewKey(keyStep(frame), map);
      if (key instanceof Fault) return key;
      const value = valueStep(frame);
      if (value instanceof Fault) return value;
      map.set(key, value);
    }
    return map;
  };
}

function toNewKey(value: Value, map: ReadonlyMap<MapKey, Value>): MapKey | Fault {
  if (typeof value === 'number') return new Fault('double cannot be the key of a map');
  const key = toMapKey(value);
  if (typeof key === 'string' && isForbiddenKey(key)) return new Fault(`The key ${key} is not allowed`);
  return !(key instanceof Fault) && map.has(key) ? new Fault('A key of a map stands twice') : key;
}

function compileConditional(node: NodeOf<'conditional'>, context: CompileContext): Step {
  const condition = compileNode(node.condition, context);
  const then = compileNode(node.then, context);
  const otherwise = compileNode(node.otherwise, context);
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = condition(frame);
    if (value === true) return then(frame);
    if (value === false) return otherwise(frame);
    return value instanceof Fault ? value : new Fault(`A condition must be a bool, not ${nameKind(value)}`);
  };
}

/** Either side decides alone where it can, even when the other one fails; so the order of the sides never matters. */
function compileLogic({ operator, left, right }: NodeOf<'logic'>, context: CompileContext): Step {
  const first = compileNode(left, context);
  const second = compileNode(right, context);
  const deciding = operator === '||';
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = first(frame);
    if (value === deciding) return value;
    const other = second(frame);
    if (other === deciding) return other;
    if (typeof value !== 'boolean') return toFault(value, operator);
    return typeof other === 'boolean' ? other : toFault(other, operator);
  };
}

function toFault(value: Value, operator: string): Fault {
  return value instanceof Fault ? value : new Fault(`${operator} takes bools, not ${nameKind(value)}`);
}

function compileNot({ operand }: NodeOf<'not'>, context: CompileContext): Step {
  const step = compileNode(operand, context);
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = step(frame);
    return typeof value === 'boolean' ? !value : toFault(value, '!');
  };
}

function compileNegate({ operand }: NodeOf<'negate'>, context: CompileContext): Step {
  const step = compileNode(operand, context);
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = step(frame);
    return value instanceof Fault ? value : negate(value);
  };
}

type BinaryOperation = (left: Value, right: Value, budget: ExpressionBudget) => Value;

function compileBinary({ operator, left, right }: NodeOf<'binary'>, context: CompileContext): Step {
  const first = compileNode(left, context);
  const second = compileNode(right, context);
  const operation = toOperation(operator);
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = first(frame);
    if (value instanceof Fault) return value;
    const other = second(frame);
    return other instanceof Fault ? other : operation(value, other, frame.budget);
  };
}

function toOperation(operator: BinaryOperator): BinaryOperation {
  switch (operator) {
    case '==':
      return isEqual;
    case '!=':
      return (left, right, budget) => !isEqual(left, right, budget);
    case 'in':
      return isIn;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (left, right, budget) => compareValues(operator, left, right, budget);
    default:
      return (left, right, budget) => calculate(operator, left, right, budget);
  }
}
