/** The macros: one body for each element, each of which is paid for. */
import { iterate } from './access.js';
import { checkLength } from './arithmetic.js';
import type { CompileContext } from './compile-context.js';
import type { Frame, Step } from './frame.js';
import { notOptional } from './functions.js';
import { COST } from './limits.js';
import type { MacroName, NodeOf } from './syntax-tree.js';
import { Fault, MadeList, nameKind, Optional } from './value.js';
import type { Value } from './value.js';

interface MacroSteps {
  readonly name: MacroName;
  /** Where the current element lies among the locals. */
  readonly slot: number;
  readonly filter: Step | undefined;
  readonly body: Step;
}

type RunMacro = (elements: readonly Value[], steps: MacroSteps, frame: Frame) => Value;

const MACROS: Readonly<Record<MacroName, RunMacro>> = {
  all: (elements, steps, frame) => decide(elements, steps, frame, false),
  exists: (elements, steps, frame) => decide(elements, steps, frame, true),
  exists_one: existsOne,
  map: mapElements,
  filter: filterElements,
};

/** Compiles `all exists exists_one map filter`. */
export function compileMacro(node: NodeOf<'macro'>, context: CompileContext): Step {
  const range = context.compile(node.range, context);
  const { slot, inner } = bindVariable(node.variable, context);
  const filter = node.filter === undefined ? undefined : context.compile(node.filter, inner);
  const steps: MacroSteps = { name: node.macro, slot, filter, body: context.compile(node.body, inner) };
  const run = MACROS[node.macro];
  return (frame) => {
    frame.budget.spend(COST.node);
    const elements = iterate(range(frame), frame.budget);
    return elements instanceof Fault ? elements : run(elements, steps, frame);
  };
}

/** Compiles `optMap` and `optFlatMap`. */
export function compileOptionalMap(node: NodeOf<'optional_map'>, context: CompileContext): Step {
  const operand = context.compile(node.operand, context);
  const { slot, inner } = bindVariable(node.variable, context);
  const body = context.compile(node.body, inner);
  const { wraps } = node;
  return (frame) => {
    frame.budget.spend(COST.node);
    const value = operand(frame);
    if (value instanceof Fault) return value;
    if (!(value instanceof Optional)) return notOptional(wraps ? 'optMap' : 'optFlatMap', value);
    if (value.value === undefined) return value;
    frame.locals[slot] = value.value;
    const result = body(frame);
    if (result instanceof Fault) return result;
    if (wraps) return new Optional(result);
    return result instanceof Optional ? result : notOptional('optFlatMap', result);
  };
}

function bindVariable(variable: string, context: CompileContext): { slot: number; inner: CompileContext } {
  const slot = context.plan.localSlot();
  return { slot, inner: { ...context, locals: new Map(context.locals).set(variable, slot) } };
}

/** `all` ends at the first false, `exists` at the first true; a fault counts only where no element decides. */
function decide(elements: readonly Value[], steps: MacroSteps, frame: Frame, deciding: boolean): Value {
  let fault: Fault | undefined;
  for (const element of elements) {
    const value = runBody(steps.body, element, steps, frame);
    if (value === deciding) return value;
    if (value === !deciding) continue;
    frame.budget.spend(COST.container);
    fault ??= notBool(value, steps);
  }
  return fault ?? !deciding;
}

function existsOne(elements: readonly Value[], steps: MacroSteps, frame: Frame): Value {
  let count = 0;
  for (const element of elements) {
    const value = runBody(steps.body, element, steps, frame);
    if (value === true) count++;
    else if (value !== false) return notBool(value, steps);
  }
  return count === 1;
}

function mapElements(elements: readonly Value[], steps: MacroSteps, frame: Frame): Value {
  frame.budget.spend(COST.container);
  const made: Value[] = [];
  for (const element of elements) {
    const kept = steps.filter === undefined || runBody(steps.filter, element, steps, frame);
    if (kept === false) continue;
    if (kept !== true) return notBool(kept, steps);
    const value = runBody(steps.body, element, steps, frame);
    if (value instanceof Fault) return value;
    checkLength(made.push(value));
  }
  return new MadeList(made);
}

function filterElements(elements: readonly Value[], steps: MacroSteps, frame: Frame): Value {
  frame.budget.spend(COST.container);
  const made: Value[] = [];
  for (const element of elements) {
    const kept = runBody(steps.body, element, steps, frame);
    if (kept === true) checkLength(made.push(element));
    else if (kept !== false) return notBool(kept, steps);
  }
  return new MadeList(made);
}

function runBody(body: Step, element: Value, { slot }: MacroSteps, frame: Frame): Value {
  frame.budget.spend(COST.element);
  frame.locals[slot] = element;
  return body(frame);
}

function notBool(value: Value, { name }: MacroSteps): Fault {
  return value instanceof Fault
    ? value
    : new Fault(`The condition of ${name}() must be a bool, not ${nameKind(value)}`);
}
