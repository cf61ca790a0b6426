import { expect } from 'vitest';
import { ChatFlowError, type ErrorName } from '../../src/core/errors.js';

/** Waits for a refusal, checks its type and gives it for a closer look. */
export async function expectChatFlowError(
  type: ErrorName,
  attempt: Promise<unknown> | (() => unknown),
): Promise<ChatFlowError> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt);
  } catch (error) {
    if (!(error instanceof ChatFlowError)) throw error;
    expect(error.type).toBe(type);
    return error;
  }
  throw new Error(`expected ${type}, but nothing was refused`);
}
