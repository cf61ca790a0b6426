/**
 * The only module that knows the CEL library (docs/adr/0001-keep-cel-behind-one-module.md): it parses the source and
 * hands on a tree of our own. The library's type checker and evaluator are not used.
 */
import { Environment, ParseError } from '@marcbachmann/cel-js';
import type { ASTNode } from '@marcbachmann/cel-js';
import type { ExpressionProblem } from './expression-problem.js';
import { MAX_NESTING, MAX_NODES, MAX_SOURCE_CHARS, MAX_UNARY_RUN } from './limits.js';
import { findUnaryRun } from './scan-source.js';
import { describeSyntaxError } from './describe-syntax-error.js';
import { toNode } from './to-node.js';
import type { Node } from './syntax-tree.js';

/** A tree, with the problems found in making it; or problems alone where the source does not parse. */
export interface ParsedSyntax {
  readonly tree: Node | undefined;
  readonly problems: readonly ExpressionProblem[];
}

let environment: Environment | undefined;

/** Parses one CEL expression. Never throws, whatever the source. */
export function parseSyntax(source: string): ParsedSyntax {
  const refusal = refuseUnseen(source);
  if (refusal !== undefined) return { tree: undefined, problems: [refusal] };
  try {
    const problems: ExpressionProblem[] = [];
    const tree = toNode(parseWithLibrary(source), problems);
    return { tree, problems };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { tree: undefined, problems: [describeSyntaxError(error, source)] };
  }
}

function parseWithLibrary(source: string): ASTNode {
  environment ??= new Environment({
    enableOptionalTypes: true,
    unlistedVariablesAreDyn: true,
    limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_NESTING },
  });
  return environment.parse(source).ast;
}

/** What the parser itself would not survive, or not name well. */
function refuseUnseen(source: string): ExpressionProblem | undefined {
  if (source.trim() === '') return { message: 'The expression is empty', offset: 0, length: source.length };
  if (source.length > MAX_SOURCE_CHARS) {
    const message = `The expression has ${source.length} characters; at most ${MAX_SOURCE_CHARS} are allowed`;
    return { message, offset: MAX_SOURCE_CHARS, length: source.length - MAX_SOURCE_CHARS };
  }
  const run = findUnaryRun(source, MAX_UNARY_RUN);
  if (run === -1) return undefined;
  return { message: `More than ${MAX_UNARY_RUN} of ! and - in a row`, offset: run, length: MAX_UNARY_RUN };
}
