const SHOWN_CHARS = 200;

/**
 * An expression that could not be evaluated: a key that is missing, a wrong type, a cost beyond the budget, a value
 * that is too large, or a source that does not parse. Neither the message nor the reason shows data of the scope
 * beyond the names of keys.
 */
export class ExpressionFailure extends Error {
  /** What went wrong, e.g. `No such key: foo`. */
  readonly reason: string;
  /** The source of the expression; empty while it is not known, as for a budget spent outside of one. */
  readonly expression: string;

  constructor(reason: string, expression = '') {
    super(expression === '' ? reason : `${reason} [expression=${shorten(expression)}]`);
    this.name = 'ExpressionFailure';
    this.reason = reason;
    this.expression = expression;
  }
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`;
}
