/** Continue-as-new cannot be seen from outside: what is sent while it happens is applied once, and nothing is lost. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  HistoryEvent,
  Task,
  TriggerInput,
  TriggerResult,
  WorkflowState,
} from '../../src/core/shapes.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

/** A loop of one task; beside it stand a claim, an approval, a wait and a timeout, which have to outlive many runs. */
const FLOW = `
phases:
  - name: standing
    execution_strategy: concurrent
    tasks:
      - { name: review, approval: "All good?" }
      - { name: long, wait: { for_sec: 86400 } }
      - { name: watched, task: Watch, timeout_sec: 86400, on_failure: continue }
      - { name: held, task: Hold }
  - name: turn
    task: Turn
    outputs: { turns: variables.turns + 1, sum: variables.sum + trigger.n }
    next: turn
`;

/** Beside the CI version there is the long one: CHATFLOW_LONG=1. */
const IS_LONG = process.env['CHATFLOW_LONG'] === '1';
const ROUNDS = IS_LONG ? 200 : 15;
/** What a round sends: as one batch, as concurrent updates, and as signals. */
const BATCH = 70;
const UPDATES = 10;
const SIGNALS = 20;
/** A run ends at about 1,000 events; what comes while it drains is on top. */
const MOST_EVENTS = 1_200;

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

const triggerOf = (n: number): TriggerInput => ({ trigger_id: `T-${n}`, trigger_data: { n }, task: 'turn' });

/** Sends one round; resolves with how many were acknowledged as applied. */
async function sendRound(handle: WorkflowHandle, first: number): Promise<number> {
  const id = handle.workflowId;
  const numbers = (count: number, from: number): number[] =>
    Array.from({ length: count }, (_none, index) => from + index);
  const batch = bed.engine.triggerBatch(id, numbers(BATCH, first).map(triggerOf));
  const updates = numbers(UPDATES, first + BATCH).map((n) => bed.engine.triggerNextStep(id, triggerOf(n)));
  const signals = numbers(SIGNALS, first + BATCH + UPDATES).map((n) =>
    handle.signal('trigger_next_step', triggerOf(n)),
  );
  const results = [...(await batch), ...(await Promise.all(updates))];
  await Promise.all(signals);
  return results.filter((result) => result.applied && !result.duplicate).length + signals.length;
}

interface Run {
  readonly runId: string;
  readonly events: number;
}

/** The runs of an instance, newest first. */
async function runsOf(id: string): Promise<readonly Run[]> {
  const runs: Run[] = [];
  let runId: string | undefined;
  for (;;) {
    const handle = bed.temporal.workflow.getHandle(id, runId);
    const { events } = await handle.fetchHistory();
    const [first] = events ?? [];
    const started = first?.workflowExecutionStartedEventAttributes;
    runs.push({ runId: started?.originalExecutionRunId ?? '', events: events?.length ?? 0 });
    if (!started?.continuedExecutionRunId) return runs;
    runId = started.continuedExecutionRunId;
  }
}

function expectWithoutGaps(events: readonly HistoryEvent[]): void {
  expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
}

describe('an instance of many triggers', () => {
  test(
    'keeps variables, ids, claims, approvals, timers and its whole history',
    { timeout: IS_LONG ? 1_800_000 : 120_000 },
    async () => {
      const handle = await bed.start(FLOW, { initial_context: { turns: 0, sum: 0 } });
      const id = handle.workflowId;
      const held = await handle.executeUpdate<Task, [object]>('claim_task', {
        args: [{ agent_id: 'ann', lease_sec: 86_400, task: 'standing#1/held', request_id: 'r-1' }],
      });
      const before = await handle.query<WorkflowState>('get_workflow_state');
      const standing = (state: WorkflowState): readonly Task[] =>
        state.tasks.filter((task) => task.phase === 'standing');
      expect(standing(before).map((task) => task.status)).toEqual(['open', 'open', 'open', 'open']);

      let acknowledged = 0;
      const perRound = BATCH + UPDATES + SIGNALS;
      for (let round = 0; round < ROUNDS; round += 1)
        acknowledged += await sendRound(handle, round * perRound);
      const total = ROUNDS * perRound;
      expect(acknowledged).toBe(total);

      const state = await handle.query<WorkflowState>('get_workflow_state');
      expect(state.variables).toEqual({ turns: total, sum: (total * (total - 1)) / 2 });
      expect(standing(state)).toEqual(standing(before));
      const again = await handle.executeUpdate<Task, [object]>('claim_task', {
        args: [{ agent_id: 'ann', lease_sec: 86_400, task: 'standing#1/held', request_id: 'r-1' }],
      });
      expect(again.claim_id).toBe(held.claim_id);
      const repeated = await handle.executeUpdate<TriggerResult, [TriggerInput]>('trigger_next_step', {
        args: [triggerOf(total - perRound)],
      });
      expect(repeated).toMatchObject({ applied: true, duplicate: true });

      const events = await bed.engine.getHistory(id);
      expectWithoutGaps(events);
      const applied = events.filter((event) => event.event_type === 'trigger_applied');
      expect(applied).toHaveLength(total);
      expect(new Set(applied.map((event) => event.data['trigger_id'])).size).toBe(total);
      expect(typesOf(events)).not.toContain('trigger_rejected');

      const runs = await runsOf(id);
      expect(runs.length).toBeGreaterThanOrEqual(3);
      expect(Math.max(...runs.map((run) => run.events))).toBeLessThanOrEqual(MOST_EVENTS);
      for (const { runId } of runs) await expectNoTaskFailed(bed.temporal.workflow.getHandle(id, runId));

      const done = await handle.executeUpdate<TriggerResult, [TriggerInput]>('trigger_next_step', {
        args: [{ task: 'standing#1/held', claim_id: held.claim_id ?? '' }],
      });
      expect(done.applied).toBe(true);
    },
  );

  test('fires the timers that it carried over, and refuses an id with other content', async () => {
    const handle = await bed.start(
      `
phases:
  - name: standing
    execution_strategy: concurrent
    tasks:
      - { name: soon, wait: { for_sec: 12 } }
      - { name: late, task: Late, timeout_sec: 12, on_failure: continue }
  - name: turn
    task: Turn
    next: [{ when: trigger.last, goto: end }, { goto: turn }]
`,
    );
    const turn = (n: number, last = false): Promise<readonly TriggerResult[]> =>
      bed.engine.triggerBatch(handle.workflowId, [{ trigger_id: `L-${n}`, trigger_data: { last } }]);
    for (let n = 0; n < 210; n += 1) await turn(n);
    await expect.poll(async () => (await runsOf(handle.workflowId)).length, { timeout: 20_000 }).toBe(2);
    const [refused] = await turn(0, true);
    expect(refused?.error?.type).toBe('InvalidInputError');
    expect(await turn(0)).toMatchObject([{ duplicate: true }]);
    await turn(999, true);
    await handle.result();
    const events = await bed.engine.getHistory(handle.workflowId);
    expectWithoutGaps(events);
    const closed = events.filter(
      (event) => event.phase === 'standing' && event.event_type.startsWith('task_'),
    );
    expect(closed.map((event) => event.event_type)).toEqual(
      expect.arrayContaining(['task_completed', 'task_failed']),
    );
  });
});
