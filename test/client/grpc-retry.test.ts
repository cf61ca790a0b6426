import { expect, test } from 'vitest';
import { retryDelayMs, shouldRetry } from '../../src/client/grpc-retry.js';

type Status = Parameters<typeof shouldRetry>[1];

/** What is looked at: the call's metadata is not. */
const status = (code: number, details = ''): Status => ({ code, details }) as Status;
const BUSY = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const INVALID_ARGUMENT = 3;

test('a busy server is asked again until the deadline ends it', () => {
  expect(shouldRetry(50, status(BUSY, 'limit on number of concurrent in-flight updates'))).toBe(true);
});

test('an update that a late task dropped is sent again, another failed precondition is final', () => {
  const late = 'Unable to perform workflow execution update due to unexpected workflow task failure.';
  expect(shouldRetry(10, status(FAILED_PRECONDITION, late))).toBe(true);
  expect(shouldRetry(1, status(FAILED_PRECONDITION, 'no mapping defined for search attribute'))).toBe(false);
});

test('an update is sent again while workers have died with the task of its instance in hand', () => {
  const dead = 'Unable to perform workflow execution update due to Workflow Task in failed state.';
  expect(shouldRetry(10, status(FAILED_PRECONDITION, dead))).toBe(true);
});

test('a message that is too large is not sent again', () => {
  expect(shouldRetry(1, status(BUSY, 'Received message larger than max (5 vs. 4)'))).toBe(false);
});

test('a server that is not there is given up within two seconds', () => {
  let total = 0;
  let attempt = 1;
  for (; shouldRetry(attempt, status(UNAVAILABLE)); attempt++)
    total += retryDelayMs(attempt, status(UNAVAILABLE));
  expect(attempt).toBeGreaterThan(1);
  expect(total).toBeLessThan(2000);
});

test('a refusal is final', () => {
  expect(shouldRetry(1, status(INVALID_ARGUMENT))).toBe(false);
});

test('waits grow, differ from each other and stay below a second', () => {
  const waits = Array.from({ length: 100 }, () => retryDelayMs(8, status(BUSY)));
  expect(new Set(waits).size).toBeGreaterThan(50);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1000);
  expect(Math.min(...waits)).toBeGreaterThan(retryDelayMs(1, status(BUSY)));
});
