import { expect } from 'vitest';
import type { Problem } from '../../src/core/errors.js';
import type { Via } from '../../src/core/event.js';
import type {
  ClaimRequest,
  LeaseRequest,
  ResourceQuota,
  RetryRequest,
  RetryTaskRequest,
  RewindRequest,
  TriggerInput,
  TriggerResult,
} from '../../src/core/shapes.js';
import type { Json, JsonObject } from '../../src/json/json.js';
import type { CoreDriver, DrivenEvent } from '../support/core-driver.js';
import { observe } from '../support/observe.js';

/** One step of `events.json`: exactly one of these keys, and how it is answered. */
export interface Step {
  readonly trigger?: TriggerInput;
  readonly via?: Via;
  readonly complete?: string;
  readonly result?: Json;
  readonly fail?: string;
  readonly problem?: Partial<Problem>;
  readonly usage?: JsonObject;
  readonly advance_sec?: number;
  readonly claim?: Partial<ClaimRequest>;
  readonly claim_id?: string;
  readonly heartbeat?: LeaseRequest;
  readonly release?: LeaseRequest;
  readonly pause?: string | null;
  readonly resume?: true;
  readonly level?: number;
  readonly quota?: ResourceQuota;
  readonly rewind?: RewindRequest;
  readonly retry?: RetryRequest;
  readonly retry_task?: RetryTaskRequest;
  readonly cancel?: string | null;
  readonly continue_as_new?: true;
  /** The type of the error it is refused with. */
  readonly refused?: string;
  /** Part of the answer. */
  readonly reply?: JsonObject;
  /** Part of what can be seen after the step. */
  readonly expect?: Expected;
}

/** What can be seen, as far as it is written down; `failure` and lists of `events_include` in part. */
export interface Expected {
  readonly [key: string]: unknown;
}

export function runStep(driver: CoreDriver, step: Step): void {
  const event = toEvent(driver, step);
  if (event) offer(driver, event, step);
  else perform(driver, step);
  if (step.expect) compare(driver, step.expect);
}

function offer(driver: CoreDriver, event: DrivenEvent, { refused, reply }: Step): void {
  const outcome = driver.offer(event);
  expect(outcome.refusal?.type ?? null, outcome.refusal?.message ?? 'not refused').toBe(refused ?? null);
  if (reply) expect(outcome.reply as unknown as TriggerResult).toMatchObject(reply);
}

function perform(driver: CoreDriver, step: Step): void {
  if (step.advance_sec !== undefined) driver.advance(step.advance_sec * 1000);
  else if (step.continue_as_new) driver.continueAsNew();
}

function toEvent(driver: CoreDriver, step: Step): DrivenEvent | null {
  if (step.trigger) return { type: 'trigger_received', via: step.via ?? 'update', input: step.trigger };
  if (step.complete !== undefined) {
    return { type: 'activity_completed', key: driver.keyOf(step.complete), result: step.result ?? {} };
  }
  if (step.fail !== undefined) {
    const problem = { type: 'HttpError', message: 'it broke', ...step.problem };
    const usage = step.usage ? { usage: step.usage } : {};
    return { type: 'activity_failed', key: driver.keyOf(step.fail), problem, ...usage };
  }
  if (step.claim) {
    const claim_id = step.claim_id ?? 'clm_1';
    return { type: 'task_claimed', claim_id, request: { agent_id: 'agent-1', lease_sec: 60, ...step.claim } };
  }
  if (step.heartbeat) return { type: 'lease_extended', request: step.heartbeat };
  if (step.release) return { type: 'task_released', request: step.release };
  return toSteering(step);
}

function toSteering(step: Step): DrivenEvent | null {
  if (step.pause !== undefined) return { type: 'pause_requested', reason: step.pause };
  if (step.resume) return { type: 'resume_requested' };
  if (step.level !== undefined) return { type: 'automation_level_set', level: step.level };
  if (step.quota) return { type: 'quota_extended', quota: step.quota };
  if (step.rewind) return { type: 'rewind_requested', request: step.rewind };
  if (step.retry) return { type: 'retry_requested', request: step.retry };
  if (step.retry_task) return { type: 'task_retried', request: step.retry_task };
  return step.cancel === undefined ? null : { type: 'cancel_requested', reason: step.cancel };
}

/** Compares what is written down: `failure` and `usage` in part, `…_include` as a part of the list, the rest whole. */
export function compare(driver: CoreDriver, expected: Expected): void {
  const seen = observe(driver) as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(expected)) {
    const list = key.endsWith('_include') ? seen[key.slice(0, -'_include'.length)] : undefined;
    if (list !== undefined) expect(list, key).toEqual(expect.arrayContaining(value as unknown[]));
    else if (key === 'failure_message') expect(driver.state.failure?.message).toContain(value);
    else if ((key === 'failure' || key === 'usage') && value !== null)
      expect(seen[key], key).toMatchObject(value as object);
    else expect(seen[key], key).toEqual(value);
  }
}
