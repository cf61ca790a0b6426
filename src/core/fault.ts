import { ChatFlowError, type ErrorName, type Problem } from './errors.js';
import type { JsonObject } from '../json/json.js';

/** Something in the run of a definition went wrong: it fails the phase, and follows `on_failure`. */
export class Fault extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** An input is refused: nothing of it happens. */
export function refuse(type: ErrorName, message: string, details: JsonObject = {}): never {
  throw new ChatFlowError(type, message, details);
}
