import type { ExpressionProblem } from './expression-problem.js';

/**
 * One access path that an expression reads, from its root: `['tasks', 'code', 'status']` for `tasks.code.status` and
 * `tasks["code"].status`; an index that is computed ends the path. Variables of macros and names of types are none.
 */
export interface Reference {
  /** At least the root. A literal index of a list stands as its digits. */
  readonly path: readonly string[];
  readonly offset: number;
  readonly length: number;
  /** Whether the path may be missing: some step of it is `.?` or `[?]`, or it stands in `has()`. */
  readonly optional: boolean;
}

/** A path compared with a string that the expression spells out; one entry for each element of a list after `in`. */
export interface Comparison {
  /** Also of `a.?b.orValue("…") == "x"`. */
  readonly path: readonly string[];
  readonly operator: '==' | '!=' | 'in';
  readonly literal: string;
  /** Where the literal stands. */
  readonly offset: number;
  readonly length: number;
}

/** What is known of an expression without running it. Offsets count UTF-16 units from the start of `source`. */
export interface ParsedExpression {
  /** As given, `${` and `}` included where they were. */
  readonly source: string;
  /** The names it reads from its scope. */
  readonly roots: ReadonlySet<string>;
  readonly references: readonly Reference[];
  readonly comparisons: readonly Comparison[];
  /** The estimate of docs/adr/0001: nodes, times 1,000 for each macro around them. 0 where it does not parse. */
  readonly staticCost: number;
  /** Empty for an expression that may run. */
  readonly problems: readonly ExpressionProblem[];
}
