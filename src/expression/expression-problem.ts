/** Something wrong with the source of an expression or a template. */
export interface ExpressionProblem {
  readonly message: string;
  /** Where it starts in the source that was given, in UTF-16 units. */
  readonly offset: number;
  /** At least 1, except at the end of the source. */
  readonly length: number;
  /** What to write instead. */
  readonly hint?: string;
}
