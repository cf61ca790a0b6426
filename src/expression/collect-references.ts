import type { Comparison, Reference } from './parsed-expression.js';
import type { ExpressionProblem } from './expression-problem.js';
import { childrenOf } from './syntax-tree.js';
import type { Node, NodeOf } from './syntax-tree.js';
import { TYPE_NAMES } from './type-names.js';

/** What an expression reads from outside, and how it compares it with strings. */
export interface Findings {
  readonly references: Reference[];
  readonly comparisons: Comparison[];
  readonly problems: ExpressionProblem[];
}

interface Path {
  readonly root: string;
  readonly path: readonly string[];
  readonly optional: boolean;
  /** Nothing more can be said of the path: an index is computed. */
  readonly isOpen: boolean;
}

/** The variables of macros, each with the path of the elements that it stands for, where that is known. */
type Bound = ReadonlyMap<string, readonly string[] | undefined>;

/** Walks a tree; `bound` are the variables of the macros around it, which are no references. */
export function collectReferences(node: Node, bound: Bound, found: Findings): void {
  const path = toPath(node);
  if (path !== undefined) {
    addReference(node, path, bound, found);
    collectFromIndexes(node, bound, found);
    return;
  }
  if (node.type === 'binary') addComparison(node, bound, found);
  if (node.type === 'fallback') checkFallback(node, bound, found);
  const inner = bodiesOf(node);
  for (const child of childrenOf(node)) {
    const isInner = inner !== undefined && inner.bodies.includes(child);
    collectReferences(child, isInner ? bind(inner, bound) : bound, found);
  }
}

interface Bodies {
  readonly variable: string;
  readonly bodies: readonly Node[];
  /** The list that a macro goes through. */
  readonly range?: Node;
}

function bodiesOf(node: Node): Bodies | undefined {
  if (node.type === 'optional_map') return { variable: node.variable, bodies: [node.body] };
  if (node.type !== 'macro') return undefined;
  const { variable, range, filter, body } = node;
  return { variable, range, bodies: filter ? [filter, body] : [body] };
}

function bind({ variable, range }: Bodies, bound: Bound): Bound {
  return new Map([...bound, [variable, range && elementPath(range, bound)]]);
}

/** The path of a list's elements: of the first, which stands for all; what a filter leaves is of the same list. */
function elementPath(range: Node, bound: Bound): readonly string[] | undefined {
  if (range.type === 'macro') return range.macro === 'filter' ? elementPath(range.range, bound) : undefined;
  const path = toPath(range);
  const whole = path && !path.isOpen ? resolvePath(path.path, bound) : undefined;
  // What goes through a root such as `tasks` itself goes through its names.
  return whole && whole.length > 1 ? [...whole, '0'] : undefined;
}

/** A path from a macro's variable as a path from what it stands for; undefined where that is not known. */
function resolvePath(path: readonly string[], bound: Bound): readonly string[] | undefined {
  const [root = '', ...rest] = path;
  if (!bound.has(root)) return path;
  const base = bound.get(root);
  return base && [...base, ...rest];
}

/** The path that a chain of accesses follows from a name; undefined for every other node. */
function toPath(node: Node): Path | undefined {
  switch (node.type) {
    case 'name':
      return { root: node.name, path: [node.name], optional: false, isOpen: false };
    case 'select':
      return extend(toPath(node.operand), node.field, node.optional);
    case 'has':
      return extend(toPath(node.operand), node.field, true);
    case 'index':
      return extend(toPath(node.operand), toStep(node.index), node.optional);
    default:
      return undefined;
  }
}

function extend(base: Path | undefined, step: string | undefined, optional: boolean): Path | undefined {
  if (base === undefined || base.isOpen) return base;
  const isOptional = base.optional || optional;
  if (step === undefined) return { ...base, optional: isOptional, isOpen: true };
  return { ...base, path: [...base.path, step], optional: isOptional };
}

function toStep(index: Node): string | undefined {
  if (index.type !== 'literal') return undefined;
  return typeof index.value === 'string' || typeof index.value === 'bigint' ? String(index.value) : undefined;
}

function addReference(node: Node, found: Path, bound: Bound, findings: Findings): void {
  if (isLocal(found, bound)) return;
  const { path, optional } = found;
  findings.references.push({ path, optional, offset: node.start, length: node.end - node.start });
}

function isLocal(found: Path, bound: Bound): boolean {
  return bound.has(found.root) || TYPE_NAMES.has(found.root);
}

/** A path ends the walk downwards, but its computed indexes read something of their own. */
function collectFromIndexes(node: Node, bound: Bound, found: Findings): void {
  if (node.type === 'index') collectReferences(node.index, bound, found);
  if (node.type === 'index' || node.type === 'select' || node.type === 'has') {
    collectFromIndexes(node.operand, bound, found);
  }
}

function addComparison(node: NodeOf<'binary'>, bound: Bound, found: Findings): void {
  const { operator, left, right } = node;
  if (operator === 'in') {
    if (right.type === 'list') right.items.forEach((item) => compare(left, 'in', item, bound, found));
  } else if (operator === '==' || operator === '!=') {
    compare(left, operator, right, bound, found);
    compare(right, operator, left, bound, found);
  }
}

function compare(
  side: Node,
  operator: Comparison['operator'],
  literal: Node,
  bound: Bound,
  found: Findings,
): void {
  if (literal.type !== 'literal' || typeof literal.value !== 'string') return;
  const path = toPath(side.type === 'fallback' && side.unwraps ? side.operand : side);
  if (path === undefined || path.isOpen || TYPE_NAMES.has(path.root)) return;
  const whole = resolvePath(path.path, bound);
  if (whole === undefined) return;
  const place = { offset: literal.start, length: literal.end - literal.start };
  found.comparisons.push({ path: whole, operator, literal: literal.value, ...place });
}

/** Data is never an optional by itself, so a fallback on a plain path is a mistake that would fail at every run. */
function checkFallback(node: NodeOf<'fallback'>, bound: Bound, found: Findings): void {
  const { operand } = node;
  const path = toPath(operand);
  if (path === undefined || path.optional || isLocal(path, bound)) return;
  const name = node.unwraps ? 'orValue' : 'or';
  const hint = operand.type === 'select' ? `Write .?${operand.field}.${name}(…)` : `Write x[?key].${name}(…)`;
  found.problems.push({
    message: `${name}() needs an optional, which a plain access is not`,
    offset: operand.start,
    length: operand.end - operand.start,
    hint,
  });
}
