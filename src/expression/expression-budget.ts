import { ExpressionFailure } from './expression-failure.js';
import { CHARS_PER_UNIT, MAX_EVENT_UNITS } from './limits.js';

/**
 * What the expressions of one event may still cost, in units (`COST`): nodes evaluated, elements looked at, copied or
 * compared, characters read or written, all by the real sizes.
 */
export class ExpressionBudget {
  readonly limit: number;
  #spent = 0;

  constructor(limit: number = MAX_EVENT_UNITS) {
    this.limit = limit;
  }

  /** Units spent so far; beyond `limit` once a call of `spend` has thrown. */
  get spent(): number {
    return this.#spent;
  }

  /** @throws ExpressionFailure when the budget is used up, and at every later call. */
  spend(units: number): void {
    this.#spent += units;
    if (this.#spent > this.limit) {
      throw new ExpressionFailure(
        `Cost exceeds the ${this.limit} units that the expressions of one event may spend`,
      );
    }
  }

  /** Pays for reading or writing so many characters. */
  spendChars(chars: number): void {
    this.spend(Math.ceil(chars / CHARS_PER_UNIT));
  }
}
