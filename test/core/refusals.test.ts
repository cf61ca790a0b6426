import { describe, expect, test } from 'vitest';
import type { DrivenEvent } from '../support/core-driver.js';
import { CoreDriver } from '../support/core-driver.js';

interface Refusal {
  /** What is asked, as a sentence. */
  readonly name: string;
  readonly flow: string;
  readonly before?: (driver: CoreDriver) => void;
  readonly event: DrivenEvent;
  readonly type: string;
  /** What the message names: the cause, and the way out. */
  readonly says: readonly (string | RegExp)[];
  readonly details?: object;
}

const trigger = (input: object): DrivenEvent => ({ type: 'trigger_received', via: 'update', input });

const AGENT = 'phases: [{ name: work, task: Work }]';
const TWO =
  'phases: [{ name: both, execution_strategy: parallel, tasks: [{ name: a, task: A }, { name: b, task: B }] }]';
const GATE = 'phases: [{ name: gate, approval: Fine? }]';
const RUNNING = 'phases: [{ name: run, executor: { activity: go } }]';
const close = (driver: CoreDriver): void => void driver.trigger();

const CASES: readonly Refusal[] = [
  {
    name: 'a trigger for a closed instance',
    flow: AGENT,
    before: close,
    event: trigger({}),
    type: 'WorkflowClosedError',
    says: ['completed', 'start a new one', 'wfi_000000000001'],
    details: { status: 'completed' },
  },
  {
    name: 'a trigger for a failed instance',
    flow: AGENT,
    before: (driver) => void driver.trigger({}, { outcome: 'failed' }),
    event: trigger({}),
    type: 'WorkflowClosedError',
    says: ['failed', '`chatflow retry` goes on from its failure'],
    details: { status: 'failed' },
  },
  {
    name: 'a trigger without a task where several agent tasks are open',
    flow: TWO,
    event: trigger({}),
    type: 'TaskNotFoundError',
    says: ['name one in `task`', 'both#1/a, both#1/b'],
    details: { open_tasks: ['both#1/a', 'both#1/b'], open_count: 2, current_phase: 'both' },
  },
  {
    name: 'a trigger for a task that does not exist',
    flow: TWO,
    event: trigger({ task: 'c' }),
    type: 'TaskNotFoundError',
    says: ['No open task c', 'open: both#1/a, both#1/b'],
  },
  {
    name: 'a trigger for a task that has closed',
    flow: TWO,
    before: (driver) => void driver.trigger({}, { task: 'a' }),
    event: trigger({ task: 'both#1/a' }),
    type: 'TaskNotFoundError',
    says: ['both#1/a is completed', 'open: both#1/b'],
  },
  {
    name: 'a trigger without a task where an approval is open',
    flow: GATE,
    event: trigger({ trigger_data: { decision: 'approve' } }),
    type: 'TaskNotFoundError',
    says: ['No agent task is open', 'gate#1/gate'],
  },
  {
    name: 'a decision by a short name',
    flow: GATE,
    event: trigger({ task: 'gate', trigger_data: { decision: 'approve' } }),
    type: 'TaskNotFoundError',
    says: ['full task_id or its claim_id', 'gate#1/gate'],
  },
  {
    name: 'a decision that is not allowed',
    flow: GATE,
    event: trigger({ task: 'gate#1/gate', trigger_data: { decision: 'perhaps' } }),
    type: 'InvalidInputError',
    says: ['approve, reject', '"perhaps"'],
    details: { allowed_decisions: ['approve', 'reject'] },
  },
  {
    name: 'an approval without a decision',
    flow: GATE,
    event: trigger({ task: 'gate#1/gate', trigger_data: { comment: 'ok' } }),
    type: 'InvalidInputError',
    says: ['trigger_data.decision', 'none was given'],
  },
  {
    name: 'a trigger for an executor that runs',
    flow: RUNNING,
    event: trigger({ task: 'run#1/run' }),
    type: 'TaskNotFoundError',
    says: ['waits for executor'],
  },
  {
    name: 'a trigger for another phase',
    flow: AGENT,
    event: trigger({ expected_phase: 'review' }),
    type: 'PhaseMismatchError',
    says: ['expects phase review', 'work#1'],
    details: { expected_phase: 'review', actual_phase: 'work', actual_visit: 1 },
  },
  {
    name: 'a trigger by a task_id for another visit of its phase',
    flow: AGENT,
    event: trigger({ task: 'work#1/work', expected_phase: 'work#2' }),
    type: 'PhaseMismatchError',
    says: ['work#2', 'task=work#1/work'],
  },
  {
    name: 'data that does not fit what is expected',
    flow: 'phases: [{ name: work, task: Work, expects: { type: object, required: [diff] } }]',
    event: trigger({ trigger_data: { dif: 1 } }),
    type: 'InvalidInputError',
    says: ['does not fit', 'work#1/work', 'diff'],
    details: { task: 'work#1/work' },
  },
  {
    name: 'a trigger for a task that another agent has claimed',
    flow: AGENT,
    before: (driver) => void driver.claim({ agent_id: 'ann' }),
    event: trigger({}),
    type: 'TaskAlreadyClaimedError',
    says: ['claimed by ann', 'claim_id'],
    details: { claimed_by: 'ann', lease_expires_at: '2026-01-01T00:01:00.000Z' },
  },
  {
    name: 'a trigger with a claim that was given back',
    flow: AGENT,
    before: (driver) => void driver.release({ claim_id: driver.claim().claim_id }),
    event: trigger({ task: 'work', claim_id: 'clm_1' }),
    type: 'TaskAlreadyClaimedError',
    says: ['has been released', 'claim it again'],
  },
  {
    name: 'a trigger_id that was used with other content',
    flow: TWO,
    before: (driver) => void driver.trigger({ a: 1 }, { task: 'a', trigger_id: 't1' }),
    event: trigger({ trigger_data: { a: 2 }, task: 'a', trigger_id: 't1' }),
    type: 'InvalidInputError',
    says: ['t1', 'other content', 'new id'],
  },
  {
    name: 'an update in a pause',
    flow: AGENT,
    before: (driver) => void driver.pause('lunch'),
    event: trigger({}),
    type: 'WorkflowPausedError',
    says: ['resume it first'],
    details: { reason: 'lunch' },
  },
  {
    name: 'a claim where nothing is open',
    flow: GATE,
    event: { type: 'task_claimed', claim_id: 'c', request: { agent_id: 'a', lease_sec: 1 } },
    type: 'TaskNotFoundError',
    says: ['unclaimed'],
  },
  {
    name: 'a claim of a task that cannot be claimed',
    flow: RUNNING,
    event: { type: 'task_claimed', claim_id: 'c', request: { agent_id: 'a', lease_sec: 1, task: 'run' } },
    type: 'TaskNotFoundError',
    says: ['run can be claimed', 'run#1/run'],
  },
  {
    name: 'a claim of a task that is claimed',
    flow: AGENT,
    before: (driver) => void driver.claim({ agent_id: 'ann' }),
    event: { type: 'task_claimed', claim_id: 'c', request: { agent_id: 'bob', lease_sec: 1, task: 'work' } },
    type: 'TaskAlreadyClaimedError',
    says: ['claimed by ann'],
  },
  {
    name: 'a heartbeat with a claim that nobody knows',
    flow: AGENT,
    event: { type: 'lease_extended', request: { claim_id: 'clm_zzz' } },
    type: 'TaskNotFoundError',
    says: ['claimed by clm_zzz'],
  },
  {
    name: 'a rewind to a phase that was not visited',
    flow: 'phases: [{ name: one, task: One }, { name: two, task: Two }]',
    event: { type: 'rewind_requested', request: { phase: 'two' } },
    type: 'InvalidInputError',
    says: ['two has not been visited', 'one of one'],
    details: { visited: ['one'] },
  },
  {
    name: 'a rewind of an instance that is ending',
    flow: 'finally: clean\nphases: [{ name: one, task: One }, { name: clean, task: Clean }]',
    before: (driver) => void driver.trigger(),
    event: { type: 'rewind_requested', request: { phase: 'one' } },
    type: 'WorkflowClosedError',
    says: ['ending as completed'],
  },
  {
    name: 'a retry of an instance that has not failed',
    flow: AGENT,
    event: { type: 'retry_requested', request: {} },
    type: 'InvalidInputError',
    says: ['Only a failed instance', 'created'],
  },
  {
    name: 'a retry of a task that has not failed',
    flow: AGENT,
    event: { type: 'task_retried', request: { task: 'work' } },
    type: 'TaskNotFoundError',
    says: ['No failed task work'],
  },
  ...(
    [
      { type: 'pause_requested', reason: null },
      { type: 'resume_requested' },
      { type: 'automation_level_set', level: 1 },
      { type: 'quota_extended', quota: { max_tokens: 1 } },
      { type: 'cancel_requested', reason: null },
      { type: 'rewind_requested', request: { phase: 'work' } },
      { type: 'task_retried', request: { task: 'work' } },
      { type: 'artifacts_recorded', refs: [] },
      { type: 'task_claimed', claim_id: 'c', request: { agent_id: 'a', lease_sec: 1 } },
      { type: 'lease_extended', request: { claim_id: 'c' } },
      { type: 'task_released', request: { claim_id: 'c' } },
    ] as const
  ).map((event): Refusal => ({
    name: `${event.type} of a closed instance`,
    flow: AGENT,
    before: close,
    event,
    type: 'WorkflowClosedError',
    says: ['completed'],
  })),
];

describe('what is refused says why, and what to do', () => {
  test.each(CASES)('$name', ({ flow, before, event, type, says, details }) => {
    const driver = new CoreDriver(flow);
    before?.(driver);
    const { refusal, state, commands } = driver.offer(event);
    expect(refusal?.type).toBe(type);
    for (const part of says) expect(refusal?.message).toMatch(part);
    if (details) expect(refusal?.details).toMatchObject(details);
    expect(commands).toEqual([]);
    expect(state).toBe(driver.state);
  });

  test('a signal that is refused is recorded by the shell, with its reason', () => {
    const driver = new CoreDriver(AGENT);
    const problem = driver.refusedTrigger({ task: 'nope', trigger_id: 't9' }, 'signal');
    driver.send({ type: 'input_rejected', name: 'trigger_next_step', problem, trigger_id: 't9' });
    expect(driver.state.events.at(-1)).toMatchObject({
      event_type: 'trigger_rejected',
      data: { input: 'trigger_next_step', trigger_id: 't9', type: 'TaskNotFoundError' },
    });
    expect(driver.trigger({}, { trigger_id: 't9' }).applied).toBe(true);
  });
});
