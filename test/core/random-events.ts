/** Random events, sensible and not; what they are about is picked from the instance as it is when they come. */
import fc from 'fast-check';
import type { TriggerInput } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';
import type { CoreDriver, DrivenEvent } from '../support/core-driver.js';

/** Picks from a list by a number that is drawn before the list is known. */
const pick = <T>(list: readonly T[], draw: number): T | undefined => list[draw % Math.max(1, list.length)];

/** One step: what it sends depends on the state that it meets. */
export type RandomStep = (driver: CoreDriver) => DrivenEvent | 'advance' | 'continue_as_new' | null;

const data = fc.constantFrom<JsonObject>(
  {},
  { decision: 'approve' },
  { decision: 'reject' },
  { decision: 'again', x: 3 },
  { x: 5, list: [1, 2] },
  { n: 1 },
);

const trigger: fc.Arbitrary<RandomStep> = fc
  .record({
    draw: fc.nat(50),
    named: fc.constantFrom('id', 'id', 'id', 'short', 'none', 'future', 'garbage'),
    data,
    id: fc.nat(40),
    via: fc.constantFrom<'signal' | 'update'>('signal', 'update'),
    extra: fc.constantFrom<Partial<TriggerInput>>(
      {},
      {},
      {},
      { outcome: 'failed' },
      { outcome: 'failed', error: { type: 'HttpError', message: 'no' } },
      { usage: { tokens: 20, cost_usd: 0.5 } },
      { expected_phase: 'p1' },
      { claim_id: 'clm_1' },
      { meta: { by: 'x' } },
    ),
  })
  .map(({ draw, named, data: trigger_data, id, via, extra }) => (driver) => {
    const open = pick(driver.open, draw);
    const names = {
      id: open,
      short: open?.slice(open.indexOf('/') + 1),
      none: undefined,
      future: `p${draw % 4}#${(draw % 3) + 1}/t${draw % 3}`,
      garbage: 'no/such#task',
    } as const;
    const task = names[named];
    const input = { trigger_data, trigger_id: `t${id}`, ...extra, ...(task === undefined ? {} : { task }) };
    return { type: 'trigger_received', via, input };
  });

const result: fc.Arbitrary<RandomStep> = fc
  .record({ draw: fc.nat(50), fails: fc.boolean(), late: fc.integer({ min: 0, max: 9 }) })
  .map(({ draw, fails, late }) => (driver) => {
    const key = pick([...driver.inFlight], draw);
    if (key === undefined || late === 0) return null;
    const problem = { type: draw % 2 ? 'HttpError' : 'Odd', message: 'broke' };
    return fails
      ? { type: 'activity_failed', key, problem, usage: { tokens: 1 } }
      : { type: 'activity_completed', key, result: { n: draw, usage: { tokens: draw % 5 } } };
  });

const phaseName = fc.constantFrom('p0', 'p1', 'p2', 'p3', 'nowhere');

const steering: fc.Arbitrary<RandomStep> = fc.oneof(
  fc.constant<RandomStep>(() => ({ type: 'pause_requested', reason: null })),
  fc.constant<RandomStep>(() => ({ type: 'resume_requested' })),
  fc.constant<RandomStep>(() => ({ type: 'resume_requested' })),
  fc.constantFrom(0, 50, 100).map<RandomStep>((level) => () => ({ type: 'automation_level_set', level })),
  fc.constant<RandomStep>(() => ({
    type: 'quota_extended',
    quota: { max_tokens: 500, max_duration_sec: 900 },
  })),
  fc.tuple(phaseName, fc.boolean()).map<RandomStep>(([phase, rerun_children]) => () => ({
    type: 'rewind_requested',
    request: { phase, rerun_children, guidance: 'again', variables: { x: 1 } },
  })),
  fc.constant<RandomStep>((driver) =>
    driver.state.status === 'failed' ? { type: 'retry_requested', request: { guidance: 'g' } } : null,
  ),
  fc.nat(20).map<RandomStep>((draw) => (driver) => {
    const failed = Object.values(driver.state.tasks).filter(({ status }) => status === 'failed');
    return { type: 'task_retried', request: { task: pick(failed, draw)?.id ?? 'none' } };
  }),
  fc
    .integer({ min: 0, max: 9 })
    .map<RandomStep>((draw) => () => (draw > 0 ? null : { type: 'cancel_requested', reason: 'x' })),
  fc.constant<RandomStep>(() => ({ type: 'drain_requested' })),
);

const claiming: fc.Arbitrary<RandomStep> = fc.oneof(
  fc.nat(3).map<RandomStep>((draw) => () => ({
    type: 'task_claimed',
    claim_id: `clm_${draw}`,
    request: { agent_id: `a${draw % 2}`, lease_sec: 10, ...(draw === 2 ? { request_id: 'r' } : {}) },
  })),
  fc
    .nat(3)
    .map<RandomStep>((draw) => () => ({ type: 'lease_extended', request: { claim_id: `clm_${draw}` } })),
  fc
    .nat(3)
    .map<RandomStep>((draw) => () => ({ type: 'task_released', request: { claim_id: `clm_${draw}` } })),
);

/** What no server would send. */
const garbage: fc.Arbitrary<RandomStep> = fc.oneof(
  fc.constant<RandomStep>(() => ({ type: 'deadline_passed', due: 1e15 })),
  fc.constant<RandomStep>(() => ({
    type: 'input_rejected',
    name: 'x',
    problem: { type: 'InvalidInputError', message: 'NaN' },
    trigger_id: null,
  })),
  fc.constant<RandomStep>(() => ({ type: 'run_continued' })),
);

export const randomStep: fc.Arbitrary<RandomStep> = fc.oneof(
  { weight: 10, arbitrary: trigger },
  { weight: 8, arbitrary: result },
  { weight: 4, arbitrary: steering },
  { weight: 2, arbitrary: claiming },
  { weight: 3, arbitrary: fc.constant<RandomStep>(() => 'advance') },
  { weight: 1, arbitrary: fc.constant<RandomStep>(() => 'continue_as_new') },
  { weight: 1, arbitrary: garbage },
);
