import { BoundedCache } from './bounded-cache.js';
import { checkCalls } from './check-calls.js';
import { collectReferences } from './collect-references.js';
import type { Findings } from './collect-references.js';
import type { ExpressionProblem } from './expression-problem.js';
import { MAX_STATIC_COST } from './limits.js';
import { parseSyntax } from './parse-syntax.js';
import type { ParsedExpression } from './parsed-expression.js';
import { findClosingBrace } from './scan-source.js';
import { estimateCost } from './static-cost.js';
import type { Node } from './syntax-tree.js';

/** A parsed expression with its tree, which stays inside this folder. */
export interface AnalysedExpression {
  readonly parsed: ParsedExpression;
  /** Present where there are no problems. */
  readonly tree: Node | undefined;
}

const cache = new BoundedCache<AnalysedExpression>();

/**
 * Parses and checks an expression: syntax, banned and unknown functions, forbidden keys, static cost. A source wrapped
 * in one `${…}` is taken without it. Never throws; what it finds stands in `problems`.
 */
export function parseExpression(source: string): ParsedExpression {
  return analyseExpression(source).parsed;
}

/** As `parseExpression`, with the tree. */
export function analyseExpression(source: string): AnalysedExpression {
  return cache.getOrMake(source, analyse);
}

function analyse(source: string): AnalysedExpression {
  const [start, end] = findInner(source);
  const { tree, problems: found } = parseSyntax(source.slice(start, end));
  const findings: Findings = { references: [], comparisons: [], problems: [...found] };
  let staticCost = 0;
  if (tree !== undefined) {
    checkCalls(tree, findings.problems);
    collectReferences(tree, new Map(), findings);
    staticCost = estimateCost(tree);
    if (staticCost > MAX_STATIC_COST) findings.problems.push(tooCostly(staticCost, end - start));
  }
  const problems = findings.problems.map((problem) => shift(problem, start));
  const parsed: ParsedExpression = {
    source,
    roots: new Set(findings.references.map((reference) => reference.path[0] ?? '')),
    references: findings.references.map((reference) => shift(reference, start)),
    comparisons: findings.comparisons.map((comparison) => shift(comparison, start)),
    staticCost,
    problems,
  };
  return { parsed, tree: problems.length === 0 ? tree : undefined };
}

/** Where the expression itself stands in its source. */
function findInner(source: string): readonly [start: number, end: number] {
  const start = source.length - source.trimStart().length;
  const end = source.trimEnd().length;
  const isWrapped = source.startsWith('${', start) && findClosingBrace(source, start + 2) === end - 1;
  return isWrapped ? [start + 2, end - 1] : [0, source.length];
}

function shift<T extends { readonly offset: number }>(place: T, by: number): T {
  return by === 0 ? place : { ...place, offset: place.offset + by };
}

function tooCostly(cost: number, length: number): ExpressionProblem {
  return {
    message: `Cost of about ${cost.toExponential(1)} exceeds the limit of ${MAX_STATIC_COST.toExponential(0)}`,
    offset: 0,
    length,
    hint: 'Nest at most three of all, exists, exists_one, map and filter',
  };
}
