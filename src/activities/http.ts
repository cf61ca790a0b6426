/** The activity `chatflow.http`: one request of an executor, its secrets resolved here and seen nowhere else. */
import type { IncomingMessage } from 'node:http';
import { Context } from '@temporalio/activity';
import { ChatFlowError } from '../core/errors.js';
import type { JsonObject } from '../json/json.js';
import type { ActivityDependencies } from './activity-dependencies.js';
import { withinLifetime } from './activity-lifetime.js';
import type { HttpActivityInput, HttpActivityResult } from './activity-types.js';
import { createAddressPolicy } from './address-policy.js';
import { guardLookup, resolveBySystem } from './guarded-lookup.js';
import { decodeBody, readBody, readUpTo } from './http-body.js';
import { exchange, type ExchangeOptions } from './http-exchange.js';
import { composeRequest, type ComposedRequest } from './http-request.js';
import { refuseDisabled } from './refuse-disabled.js';

const SHOWN_HEADERS: readonly string[] = [
  'content-type',
  'content-length',
  'content-language',
  'date',
  'etag',
  'last-modified',
  'link',
  'location',
  'retry-after',
  'x-request-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
];
const EXCERPT_BYTES = 512;
const RETRYABLE: readonly number[] = [408, 425, 429];

/** `<workflow id>/<task id>/<attempt>`: the same when Temporal runs the attempt a second time. */
function idempotencyKey(input: HttpActivityInput): string {
  const { workflowExecution, activityId } = Context.current().info;
  const workflowId = workflowExecution?.workflowId ?? '';
  const attempt = input.task_id === undefined ? activityId : `${input.task_id}/${input.attempt ?? 1}`;
  return `${workflowId}/${attempt}`;
}

function wantedStatuses(input: HttpActivityInput): readonly number[] {
  const given: unknown = input.expect_status ?? [];
  if (Array.isArray(given) && given.every((status) => Number.isInteger(status)))
    return given as readonly number[];
  throw new ChatFlowError('InvalidInputError', 'expect_status must be a list of numbers', {
    field: 'expect_status',
  });
}

function isWanted(status: number, wanted: readonly number[]): boolean {
  return wanted.length === 0 ? status >= 200 && status < 300 : wanted.includes(status);
}

function selectHeaders(response: IncomingMessage, composed: ComposedRequest): Record<string, string> {
  const selected: Record<string, string> = {};
  for (const name of SHOWN_HEADERS) {
    const value = response.headers[name];
    if (value !== undefined) selected[name] = composed.redact.text(String(value));
  }
  return selected;
}

/** The excerpt is cut after the blotting: half a secret at its end would be left otherwise. */
async function statusError(response: IncomingMessage, composed: ComposedRequest): Promise<ChatFlowError> {
  const status = response.statusCode ?? 0;
  const { bytes } = await readUpTo(response, EXCERPT_BYTES * 16);
  const excerpt = composed.redact.text(bytes.toString('utf8')).slice(0, EXCERPT_BYTES);
  const details: JsonObject = {
    status,
    retryable: status >= 500 || RETRYABLE.includes(status),
    request: composed.shown,
    headers: selectHeaders(response, composed),
    body_excerpt: excerpt,
  };
  return new ChatFlowError('HttpError', `${composed.shown} answered with status ${status}`, details);
}

/** Node's message may name a host that is a secret, so only its code is kept. */
function connectionError(error: unknown, composed: ComposedRequest): ChatFlowError {
  if (error instanceof ChatFlowError) {
    return new ChatFlowError(error.type, composed.redact.text(error.message), {
      ...error.details,
      request: composed.shown,
    });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const message = `${composed.shown} got no answer: ${code}`;
  return new ChatFlowError('HttpError', message, {
    status: null,
    retryable: true,
    code,
    request: composed.shown,
  });
}

async function send(composed: ComposedRequest, options: ExchangeOptions): Promise<HttpActivityResult> {
  const response = await exchange(composed.request, options);
  const status = response.statusCode ?? 0;
  if (!isWanted(status, options.wanted)) throw await statusError(response, composed);
  const headers = selectHeaders(response, composed);
  const bytes = await readBody(response, composed.shown);
  return { status, headers, ...decodeBody(bytes, headers['content-type'] ?? '', composed.redact) };
}

/** Makes the activity. Its policy is fixed when the worker starts; secrets are asked for at each request. */
export function createHttpActivity(
  deps: ActivityDependencies,
): (input: HttpActivityInput) => Promise<HttpActivityResult> {
  const policy = createAddressPolicy(deps.config.http.allow_private);
  const lookup = guardLookup(policy, deps.resolveHost ?? resolveBySystem);
  return async (input) => {
    refuseDisabled(deps.config.features.http, 'http');
    const wanted = wantedStatuses(input);
    const source = {
      secrets: deps.secrets,
      ...(input.secrets === undefined ? {} : { allowed: input.secrets }),
    };
    const composed = composeRequest(input, source, idempotencyKey(input));
    return withinLifetime(composed.shown, async (signal) => {
      try {
        return await send(composed, { policy, lookup, signal, wanted });
      } catch (error) {
        throw connectionError(error, composed);
      }
    });
  };
}
