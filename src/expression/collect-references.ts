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

/** Walks a tree; `bound` are the variables of the macros around it, which are no references. */
export function collectReferences(node: Node, bound: ReadonlySet<string>, found: Findings): void {
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
    collectReferences(child, isInner ? new Set([...bound, inner.variable]) : bound, found);
  }
}

function bodiesOf(node: Node): { variable: string; bodies: readonly Node[] } | undefined {
  if (node.type === 'optional_map') return { variable: node.variable, bodies: [node.body] };
  if (node.type !== 'macro') return undefined;
  return { variable: node.variable, bodies: node.filter ? [node.filter, node.body] : [node.body] };
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

function addReference(node: Node, found: Path, bound: ReadonlySet<string>, findings: Findings): void {
  if (isLocal(found, bound)) return;
  const { path, optional } = found;
  findings.references.push({ path, optional, offset: node.start, length: node.end - node.start });
}

function isLocal(found: Path, bound: ReadonlySet<string>): boolean {
  return bound.has(found.root) || TYPE_NAMES.has(found.root);
}

/** A path ends the walk downwards, but its computed indexes read something of their own. */
function collectFromIndexes(node: Node, bound: ReadonlySet<string>, found: Findings): void {
  if (node.type === 'index') collectReferences(node.index, bound, found);
  if (node.type === 'index' || node.type === 'select' || node.type === 'has') {
    collectFromIndexes(node.operand, bound, found);
  }
}

function addComparison(node: NodeOf<'binary'>, bound: ReadonlySet<string>, found: Findings): void {
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
  bound: ReadonlySet<string>,
  found: Findings,
): void {
  if (literal.type !== 'literal' || typeof literal.value !== 'string') return;
  const path = toPath(side.type === 'fallback' && side.unwraps ? side.operand : side);
  if (path === undefined || path.isOpen || isLocal(path, bound)) return;
  const place = { offset: literal.start, length: literal.end - literal.start };
  found.comparisons.push({ path: path.path, operator, literal: literal.value, ...place });
}

/** Data is never an optional by itself, so a fallback on a plain path is a mistake that would fail at every run. */
function checkFallback(node: NodeOf<'fallback'>, bound: ReadonlySet<string>, found: Findings): void {
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
