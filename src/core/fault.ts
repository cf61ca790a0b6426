import { ChatFlowError, isErrorName, type ErrorName, type Problem } from './errors.js';
import { isJsonObject, type JsonObject } from '../json/json.js';

/** Something in the run of a definition went wrong: it fails the phase, and follows `on_failure`. */
export class Fault extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** What would fail a task refuses an input. */
export function refusalOf({ type, message, details }: Problem): ChatFlowError {
  if (!isErrorName(type)) throw new Error(`${type} is no refusal`);
  return new ChatFlowError(type, message, isJsonObject(details) ? details : {});
}

/** An input is refused: nothing of it happens. */
export function refuse(type: ErrorName, message: string, details: JsonObject = {}): never {
  throw new ChatFlowError(type, message, details);
}
