import { expect, test } from 'vitest';
import { ChatFlowError } from '../../src/core/errors.js';
import { jsonSize } from '../../src/json/json-size.js';

test('a problem of ordinary size is told as it is', () => {
  const error = new ChatFlowError('TaskNotFoundError', 'No open task x', { open_tasks: ['a', 'b'] });
  expect(error.toProblem()).toEqual({
    type: 'TaskNotFoundError',
    message: 'No open task x',
    details: { open_tasks: ['a', 'b'] },
  });
});

test('a problem that carries a megabyte of somebody’s text is cut', () => {
  const text = 'k'.repeat(1_500_000);
  const problem = new ChatFlowError('InvalidInputError', `${text} is wrong`, { text }).toProblem();
  expect(problem.message).toMatch(/^k{4000}… \(1500009 characters\)$/);
  expect(jsonSize(problem.details)).toBeLessThan(100);
  expect(problem.details).toMatchObject({ truncated: true });
});
