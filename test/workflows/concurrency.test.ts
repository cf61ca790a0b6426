/** Many at once: each trigger is applied once or refused, each claim has one owner. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChatFlowError } from '../../src/core/errors.js';
import type { HistoryPage, Task, TriggerInput, TriggerResult, WorkflowState } from '../../src/core/shapes.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

const FLOW = `
phases:
  - name: first
    task: First
  - name: second
    task: Second
  - name: third
    task: Third
`;

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

/** An update's answer, or the type of its refusal. Sent by the engine's client: the server takes ten at once. */
async function trigger({ workflowId }: WorkflowHandle, input: TriggerInput): Promise<TriggerResult | string> {
  try {
    return await bed.engine.triggerNextStep(workflowId, input);
  } catch (error) {
    return error instanceof ChatFlowError ? error.type : String(error);
  }
}

function many<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_none, index) => make(index)));
}

describe('fifty triggers for one phase', () => {
  test('by update: one is applied, the others are told where the instance is', async () => {
    const handle = await bed.start(FLOW);
    const outcomes = await many(50, (n) =>
      trigger(handle, { expected_phase: 'first', trigger_id: `T-${n}`, trigger_data: { winner: n } }),
    );
    const applied = outcomes.filter((outcome) => typeof outcome !== 'string');
    expect(applied).toHaveLength(1);
    expect(new Set(outcomes.filter((outcome) => typeof outcome === 'string'))).toEqual(
      new Set(['PhaseMismatchError']),
    );
    const state = await handle.query<WorkflowState>('get_workflow_state');
    expect(state.current_phase).toBe('second');
    expect(outcomes[state.variables['winner'] as number]).toBe(applied[0]);
    await expectNoTaskFailed(handle);
  });

  test('by signal: one is applied, the others stand in the history as refused', async () => {
    const handle = await bed.start(FLOW);
    await many(50, () => handle.signal('trigger_next_step', { task: 'first#1/first' }));
    const { events } = await handle.query<HistoryPage>('get_history');
    const types = typesOf(events);
    expect(types.filter((type) => type === 'trigger_applied')).toHaveLength(1);
    expect(types.filter((type) => type === 'trigger_rejected')).toHaveLength(49);
    expect(await handle.query('get_workflow_status_info')).toMatchObject({ current_phase: 'second' });
  });

  test('that name no phase move on phase by phase, in the order in which they came', async () => {
    const handle = await bed.start(FLOW);
    const outcomes = await many(50, () => trigger(handle, {}));
    const applied = outcomes.filter((outcome) => typeof outcome !== 'string');
    expect(applied.map((result) => result.previous_phase).sort()).toEqual(['first', 'second', 'third']);
    expect(await handle.result()).toEqual({});
  });
});

describe('a claim', () => {
  test('of a task that ten agents ask for at once goes to one of them', async () => {
    const handle = await bed.start(FLOW);
    const claim = (n: number): Promise<Task | null> =>
      handle
        .executeUpdate<Task, [object]>('claim_task', { args: [{ agent_id: `agent-${n}`, lease_sec: 60 }] })
        .catch(() => null);
    const claims = (await many(10, claim)).filter((task) => task !== null);
    expect(claims).toHaveLength(1);
    const [task] = claims;
    expect(await trigger(handle, { task: 'first' })).toBe('TaskAlreadyClaimedError');
    const result = await trigger(handle, { ...(task?.claim_id ? { claim_id: task.claim_id } : {}) });
    expect(result).toMatchObject({ applied: true, current_phase: 'second' });
  });

  test('of two open tasks by two agents gives each of them one', async () => {
    const handle = await bed.start(`
phases:
  - name: both
    execution_strategy: parallel
    tasks: [{ name: a, task: A }, { name: b, task: B }]
`);
    const claims = await many(2, (n) =>
      handle.executeUpdate<Task, [object]>('claim_task', {
        args: [{ agent_id: `agent-${n}`, lease_sec: 60 }],
      }),
    );
    expect(claims.map((task) => task.name).sort()).toEqual(['a', 'b']);
  });
});

describe('a trigger_id', () => {
  test('is applied once, however often and by whatever way it comes', async () => {
    const handle = await bed.start(FLOW);
    const input = { trigger_id: 'T-1', trigger_data: { n: 1 } };
    const answers = (await many(10, () => trigger(handle, input))) as TriggerResult[];
    await handle.signal('trigger_next_step', input);
    expect(answers.filter((answer) => !answer.duplicate)).toHaveLength(1);
    const [first, second] = [answers.find((a) => !a.duplicate), answers.find((a) => a.duplicate)];
    expect(second).toEqual({ ...first, duplicate: true });
    const { events } = await handle.query<HistoryPage>('get_history');
    expect(typesOf(events).filter((type) => type === 'trigger_applied')).toHaveLength(1);
    expect(await handle.query('get_workflow_status_info')).toMatchObject({ current_phase: 'second' });
  });

  test('with other content is refused', async () => {
    const handle = await bed.start(FLOW);
    await trigger(handle, { trigger_id: 'T-1', trigger_data: { n: 1 } });
    expect(await trigger(handle, { trigger_id: 'T-1', trigger_data: { n: 2 } })).toBe('InvalidInputError');
    expect(await handle.query('get_workflow_state')).toMatchObject({ variables: { n: 1 } });
  });

  test('still answers in the batch that repeats it', async () => {
    const handle = await bed.start(FLOW);
    const results = await handle.executeUpdate<TriggerResult[], [TriggerInput[]]>('trigger_batch', {
      args: [[{ trigger_id: 'A' }, { trigger_id: 'A' }, { trigger_id: 'B' }]],
    });
    expect(results.map(({ applied, duplicate }) => [applied, duplicate])).toEqual([
      [true, false],
      [true, true],
      [true, false],
    ]);
    expect(await handle.query('get_workflow_status_info')).toMatchObject({ current_phase: 'third' });
  });
});

test('a slow trigger from the visit before is refused by what it expects', async () => {
  const handle = await bed.start(`
phases:
  - name: draft
    task: Draft
    next: [{ when: 'trigger.?again.orValue(false)', goto: draft }, { goto: end }]
`);
  await trigger(handle, { expected_phase: 'draft#1', trigger_data: { again: true } });
  expect(await trigger(handle, { expected_phase: 'draft#1' })).toBe('PhaseMismatchError');
  expect(await trigger(handle, { task: 'draft#1/draft' })).toBe('TaskNotFoundError');
  expect(await trigger(handle, { expected_phase: 'draft#2' })).toMatchObject({ status: 'completed' });
});
