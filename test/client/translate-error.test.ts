import {
  ApplicationFailure,
  CancelledFailure,
  ServiceError,
  TerminatedFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { ChatFlowError } from '../../src/core/errors.js';
import { translateError } from '../../src/client/translate-error.js';

const facts = { address: '127.0.0.1:7233', namespace: 'default', instanceId: 'wfi_0123456789ab' };

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code} ERROR: ${details}`), { code, details, metadata: {} });
}

function wrapped(code: number, details: string): Error {
  return new ServiceError('Failed', { cause: grpcError(code, details) });
}

describe('errors of Temporal become ChatFlow errors', () => {
  test.each([
    [
      'no server',
      wrapped(14, 'No connection established. Last error: ECONNREFUSED'),
      'TemporalUnavailableError',
    ],
    ['a deadline', wrapped(4, 'Deadline exceeded'), 'TimeoutError'],
    ['a deadline of an update', new WorkflowUpdateRPCTimeoutOrCancelledError('late'), 'TimeoutError'],
    [
      'an unknown id',
      new WorkflowNotFoundError('workflow not found for ID: x', 'x', undefined),
      'InstanceNotFoundError',
    ],
    [
      'a closed execution',
      new WorkflowNotFoundError('workflow execution already completed', 'x', undefined),
      'WorkflowClosedError',
    ],
    ['no namespace', new NamespaceNotFoundError('default'), 'TemporalUnavailableError'],
    ['a busy server', wrapped(8, 'namespace rate limit exceeded'), 'RateLimitedError'],
    ['no credentials', wrapped(16, 'missing token'), 'UnauthenticatedError'],
    ['too few rights', wrapped(7, 'Request unauthorized.'), 'UnauthenticatedError'],
    [
      'an unregistered search attribute',
      wrapped(3, 'Namespace default has no mapping defined for search attribute ChatflowTenant'),
      'SearchAttributesMissingError',
    ],
    [
      'too many updates',
      wrapped(9, 'limit on the total number of distinct updates in this workflow has been reached'),
      'HistoryLimitError',
    ],
    [
      'no worker',
      wrapped(9, 'no poller seen for task queue recently, worker may be down'),
      'WorkerUnavailableError',
    ],
    ['a defect', new TypeError('x is not a function'), 'InternalError'],
  ])('%s', (_name, error, type) => {
    const translated = translateError(error, facts);
    expect(translated.type).toBe(type);
    expect(translated).toBeInstanceOf(ChatFlowError);
  });

  test.each([
    ['a web server', 12, 'Received HTTP status code 404'],
    ['one that finds fault', 13, 'Received HTTP status code 400'],
    ['one that leads elsewhere', 2, 'Received HTTP status code 302'],
    ['another gRPC service in Go', 12, 'unknown service temporal.api.workflowservice.v1.WorkflowService'],
    [
      'another gRPC service in JavaScript',
      12,
      'The server does not implement the method /temporal.api.workflowservice.v1.WorkflowService/X',
    ],
  ])('%s at the address is no Temporal server', (_name, code, details) => {
    const translated = translateError(wrapped(code, details), facts);
    expect(translated.type).toBe('TemporalUnavailableError');
    expect(translated.message).toContain('127.0.0.1:7233 answers, but is no Temporal server');
    expect(translated.message).toContain(details);
  });

  test('a method that this Temporal lacks, and a fault of its own, are no absent server', () => {
    const method = 'unknown method Foo for service temporal.api.workflowservice.v1.WorkflowService';
    expect(translateError(wrapped(12, method), facts).type).toBe('InternalError');
    expect(translateError(wrapped(13, 'shard is gone'), facts).type).toBe('InternalError');
  });

  test('a refusal of an update keeps its type, message and details', () => {
    const failure = ApplicationFailure.create({
      type: 'TaskNotFoundError',
      message: 'No open task [open=a#1/a]',
      details: [{ open: ['a#1/a'] }],
    });
    const translated = translateError(
      new WorkflowUpdateFailedError('Workflow Update failed', failure),
      facts,
    );
    expect(translated.toProblem()).toEqual({
      type: 'TaskNotFoundError',
      message: 'No open task [open=a#1/a]',
      details: { open: ['a#1/a'] },
    });
  });

  test('a workflow that ended under an update is closed', () => {
    const failure = ApplicationFailure.create({
      type: 'AcceptedUpdateCompletedWorkflow',
      message: 'Workflow Update failed because the Workflow completed before the Update completed.',
    });
    expect(translateError(new WorkflowUpdateFailedError('failed', failure), facts).type).toBe(
      'WorkflowClosedError',
    );
  });

  test('a failure of a type that is not ours is a failed workflow that names the type', () => {
    const failure = ApplicationFailure.create({ type: 'HttpTeapot', message: 'short and stout' });
    const translated = translateError(
      new WorkflowFailedError('failed', failure, 'NON_RETRYABLE_FAILURE'),
      facts,
    );
    expect(translated.type).toBe('WorkflowFailedError');
    expect(translated.details['type']).toBe('HttpTeapot');
  });

  test.each([
    [new TerminatedFailure('runaway'), 'terminated', 'runaway'],
    [new CancelledFailure('not needed'), 'cancelled', 'not needed'],
  ])('an end from outside carries status and reason', (failure, status, reason) => {
    const translated = translateError(
      new WorkflowFailedError('failed', failure, 'NON_RETRYABLE_FAILURE'),
      facts,
    );
    expect(translated.details).toMatchObject({ status, reason });
  });

  test('a message names the server and the way out, and the cause is kept', () => {
    const error = wrapped(14, 'connection refused');
    const translated = translateError(error, facts);
    expect(translated.message).toContain('127.0.0.1:7233');
    expect(translated.message).toContain('chatflow up');
    expect(translated.cause).toBeInstanceOf(Error);
  });

  test('an error of ours passes as it is', () => {
    const error = new ChatFlowError('InvalidInputError', 'no');
    expect(translateError(error, facts)).toBe(error);
  });
});
