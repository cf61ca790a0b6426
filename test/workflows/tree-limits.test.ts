/** What a tree costs Temporal's histories: the signals of very many triggers, and a parent that comes to its limits. */
import type { WorkflowHandle } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { UpdateGate } from '../../src/client/update-gate.js';
import { ChatFlowError } from '../../src/core/errors.js';
import type { TriggerInput, TriggerResult } from '../../src/core/shapes.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import {
  PATIENCE,
  bed,
  childOf,
  eventsOf,
  infoOf,
  stateOf,
  treeOf,
  untilIn,
  untilStatus,
  useTreeBed,
} from './tree-bed.js';

useTreeBed();

type TemporalEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** Events of all runs of an instance, oldest first. */
async function temporalEvents(id: string): Promise<readonly TemporalEvent[]> {
  const all: TemporalEvent[] = [];
  let runId: string | undefined;
  for (;;) {
    const { events } = await bed().temporal.workflow.getHandle(id, runId).fetchHistory();
    all.unshift(...(events ?? []));
    const before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return all;
    runId = before;
  }
}

const secondsOf = (event: TemporalEvent | undefined): number => {
  if (!event) throw new Error('there is no such event');
  return Number(String(event.eventTime?.seconds ?? 0)) + (event.eventTime?.nanos ?? 0) / 1e9;
};

/** From when the only child of an instance was asked for to its end, by the server's clock and the parent's history. */
const childLifeSec = (events: readonly TemporalEvent[]): number =>
  secondsOf(events.find((event) => event.childWorkflowExecutionCompletedEventAttributes)) -
  secondsOf(events.find((event) => event.startChildWorkflowExecutionInitiatedEventAttributes));

const signalsIn = (events: readonly TemporalEvent[], name: string): number =>
  events.filter(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === name)
    .length;

describe('very many triggers in a child', () => {
  const TRIGGERS = 20_000;
  const BATCH = 500;
  /** A change is told so much later, unless it is news. */
  const EVERY_SEC = 5;

  const LOOP = {
    name: 'loop',
    version: '1',
    phases: [
      {
        name: 'turn',
        task: 'Turn',
        outputs: { turns: 'variables.?turns.orValue(0) + 1', sum: 'variables.?sum.orValue(0) + trigger.n' },
        next: [{ when: 'trigger.?last.orValue(false)', goto: 'end' }, { goto: 'turn' }],
      },
    ],
    result: { turns: 'variables.turns', sum: 'variables.sum' },
  };
  const MIDDLE = { name: 'middle', version: '1', phases: [{ name: 'below', subworkflow: LOOP }] };
  const ROOT = JSON.stringify({
    name: 'root',
    version: '1',
    phases: [{ name: 'below', subworkflow: MIDDLE }],
  });

  const triggerOf = (n: number): TriggerInput => ({ trigger_data: { n }, usage: { tokens: 1 } });

  /** By signal, but for every fourth batch: its answer comes once all before it have been applied. */
  async function sendAll(id: string, from: number, to: number): Promise<void> {
    const handle = bed().temporal.workflow.getHandle(id);
    for (let first = from, number = 1; first < to; first += BATCH, number += 1) {
      const batch = Array.from({ length: Math.min(BATCH, to - first) }, (_none, n) => triggerOf(first + n));
      if (number % 4 === 0) await updateAll(id, batch);
      else await handle.signal('trigger_batch', batch);
    }
  }

  /** What is refused was not applied, and is sent again: the audit events before it are on their way to the store. */
  async function updateAll(id: string, batch: readonly TriggerInput[]): Promise<void> {
    let rest = batch;
    while (rest.length > 0) {
      const results = await sendBatch(id, rest);
      rest = rest.filter((_trigger, index) => {
        const { applied, error } = results[index] ?? {};
        expect(error?.type ?? 'HistoryLimitError').toBe('HistoryLimitError');
        return applied !== true;
      });
    }
  }

  async function sendBatch(id: string, batch: readonly TriggerInput[]): Promise<readonly TriggerResult[]> {
    try {
      return await bed().engine.triggerBatch(id, batch);
    } catch (error) {
      if (error instanceof ChatFlowError && error.type === 'HistoryLimitError') return [];
      throw error;
    }
  }

  test(
    'cost those above it a signal in five seconds, beside those of its status',
    { timeout: 300_000 },
    async () => {
      const { workflowId: root } = await bed().start(ROOT);
      const middle = await childOf(root, 'below#1/below');
      const leaf = await childOf(middle, 'below#1/below');
      const startedAt = Date.now();
      await sendAll(leaf, 0, TRIGGERS / 2);
      await bed().engine.pause(leaf);
      await bed().engine.resume(leaf);
      await sendAll(leaf, TRIGGERS / 2, TRIGGERS);
      await bed().engine.triggerNextStep(leaf, { trigger_data: { n: 0, last: true } });
      await untilStatus(root, 'COMPLETED');
      const took = (Date.now() - startedAt) / 1000;

      const total = TRIGGERS + 1;
      expect(await bed().engine.getResult(leaf)).toEqual({
        turns: total,
        sum: (TRIGGERS * (TRIGGERS - 1)) / 2,
      });
      expect(await treeOf(root)).toMatchObject({ total_tokens: TRIGGERS, completed_nodes: 3 });

      const [ofRoot = [], ofMiddle = []] = await Promise.all([root, middle].map(temporalEvents));
      const toMiddle = signalsIn(ofMiddle, 'report_subtree');
      const toRoot = signalsIn(ofRoot, 'report_subtree');
      // A report comes five seconds after the one before it; pause and resume are news, to the level above them alone.
      const news = 2;
      const mostToMiddle = Math.floor(childLifeSec(ofMiddle) / EVERY_SEC) + news;
      const mostToRoot = Math.floor(childLifeSec(ofRoot) / EVERY_SEC);
      console.log(
        `${TRIGGERS} triggers in ${took.toFixed(1)} s: ${toMiddle} signals to the parent (at most ${mostToMiddle}), ${toRoot} to the root (at most ${mostToRoot})`,
      );
      expect(toMiddle).toBeGreaterThanOrEqual(news);
      expect(toMiddle).toBeLessThanOrEqual(mostToMiddle);
      expect(toRoot).toBeLessThanOrEqual(mostToRoot);
      // No other signal, and no run that came to its limits.
      for (const events of [ofRoot, ofMiddle]) {
        expect(events.filter(({ workflowExecutionSignaledEventAttributes: it }) => it).length).toBe(
          signalsIn(events, 'report_subtree'),
        );
        expect(events.length).toBeLessThan(1000);
      }
    },
  );

  test('of a child with a quota cost a signal a second at most', { timeout: 120_000 }, async () => {
    const batches = 40;
    const size = 10;
    // Each batch uses a twentieth of what is left at least, and so asks for a report.
    const quota = { max_tokens: 2 * batches * size * 100 };
    const { workflowId: root } = await bed().start(
      JSON.stringify({
        ...LOOP,
        phases: [{ name: 'below', subworkflow: LOOP, resource_quota: quota }],
        result: {},
      }),
    );
    const leaf = await childOf(root, 'below#1/below');
    let left = quota.max_tokens;
    const startedAt = Date.now();
    for (let number = 0; number < batches; number += 1) {
      const tokens = Math.ceil(left / 20 / size);
      left -= tokens * size;
      const trigger = { trigger_data: { n: 1 }, usage: { tokens } };
      await bed().engine.triggerBatch(
        leaf,
        Array.from({ length: size }, () => trigger),
      );
      await delay(50);
    }
    await bed().engine.triggerNextStep(leaf, { trigger_data: { n: 1, last: true } });
    await untilStatus(root, 'COMPLETED');
    const took = ((Date.now() - startedAt) / 1000).toFixed(1);
    const ofRoot = await temporalEvents(root);
    const reports = signalsIn(ofRoot, 'report_subtree');
    const most = Math.floor(childLifeSec(ofRoot));
    console.log(
      `with a quota, ${batches} batches, each of a twentieth of what is left, in ${took} s: ${reports} signals to the parent (at most ${most})`,
    );
    // More than one in five seconds, and less than one a batch.
    expect(reports).toBeGreaterThan(Math.floor(childLifeSec(ofRoot) / EVERY_SEC));
    expect(reports).toBeLessThanOrEqual(most);
    expect(await treeOf(root)).toMatchObject({ total_tokens: quota.max_tokens - left });
  });
});

describe('a parent that comes to the limits of its run', () => {
  /** `HARD_INPUTS` of src/workflows/handlers.ts, below the 2,000 updates that the server takes of a run. */
  const MOST_INPUTS = 1800;
  const BY_SIGNAL = 1500;
  const PARENT = `
phases:
  - name: child
    execution_strategy: concurrent
    tasks: [{ name: child, subworkflow: { name: child, version: "1", phases: [{ name: work, task: Work }], result: { found: variables.found } } }]
  - name: turn
    task: Turn
    outputs: { turns: variables.turns + 1, sum: variables.sum + trigger.n }
    next: [{ when: trigger.?last.orValue(false), goto: end }, { goto: turn }]
result: { turns: variables.turns, sum: variables.sum, found: phases.child.tasks.child.output.found }
`;
  const triggerOf = (n: number, rest: object = {}): TriggerInput => ({
    task: 'turn',
    trigger_id: `T-${n}`,
    trigger_data: { n, ...rest },
  });

  test(
    'refuses more, loses nothing, and goes on in a new run once its child has closed',
    { timeout: 180_000 },
    async () => {
      const handle = await bed().start(PARENT, { initial_context: { turns: 0, sum: 0 } });
      const { workflowId: id, firstExecutionRunId: firstRun } = handle;
      const current = bed().temporal.workflow.getHandle(id);
      const runOf = async (): Promise<string> => (await current.describe()).runId;
      const child = await childOf(id, 'child#1/child');
      const acknowledged: number[] = [];
      const startedAt = Date.now();

      const gate = new UpdateGate(20);
      const signal = async (n: number): Promise<void> => {
        await current.signal('trigger_next_step', triggerOf(n));
        acknowledged.push(n);
      };
      const numbers = Array.from({ length: BY_SIGNAL }, (_none, n) => n);
      await Promise.all(numbers.map((n) => gate.run('any', () => signal(n))));

      /** The numbers of those that were refused. */
      const update = async (n: number): Promise<number | null> => {
        try {
          const { applied } = await bed().engine.triggerNextStep(id, triggerOf(n));
          expect(applied).toBe(true);
          acknowledged.push(n);
          return null;
        } catch (error) {
          expect(error).toMatchObject({ type: 'HistoryLimitError' });
          return n;
        }
      };
      const updates = Array.from(
        { length: MOST_INPUTS - BY_SIGNAL + 50 },
        (_none, index) => BY_SIGNAL + index,
      );
      const refused = (await Promise.all(updates.map(update))).filter((n) => n !== null);
      const fullAfter = ((Date.now() - startedAt) / 1000).toFixed(1);
      // Each input counts, whichever way it has come; a refused update is none.
      expect(acknowledged).toHaveLength(MOST_INPUTS);
      expect(refused).toHaveLength(50);
      const before = (await current.describe()).historyLength;
      expect(await update(refused[0] ?? 0)).toBe(refused[0]);
      await expect(bed().engine.triggerBatch(id, [triggerOf(refused[0] ?? 0)])).rejects.toMatchObject({
        type: 'HistoryLimitError',
      });
      await expect(bed().engine.createSubworkflow(id, { schema: {} })).rejects.toThrow(ChatFlowError);
      expect((await current.describe()).historyLength).toBe(before);
      // A signal cannot be refused.
      const late = 10_000;
      await signal(late);
      await expect.poll(async () => (await stateOf(id)).variables['turns'], PATIENCE).toBe(MOST_INPUTS + 1);

      expect(await runOf()).toBe(firstRun);
      expect(await infoOf(id)).toMatchObject({ child_count: 1, running_children: 1 });
      await untilIn(child, 'work');
      await bed().engine.triggerNextStep(child, { trigger_data: { found: 'it' }, usage: { tokens: 7 } });
      await expect.poll(runOf, PATIENCE).not.toBe(firstRun);
      const closed = (await bed().temporal.workflow.getHandle(id, firstRun).describe()).status.name;
      expect(closed).toBe('CONTINUED_AS_NEW');

      for (const n of refused) expect(await update(n)).toBe(null);
      // One that the run before has acknowledged is still known.
      expect(await bed().engine.triggerNextStep(id, triggerOf(late))).toMatchObject({ duplicate: true });
      const end = 20_000;
      await bed().engine.triggerNextStep(id, triggerOf(end, { last: true }));
      acknowledged.push(end);

      const sum = acknowledged.reduce((total, n) => total + n, 0);
      expect(await bed().engine.getResult(id)).toEqual({ turns: acknowledged.length, sum, found: 'it' });
      const events = await bed().engine.getHistory(id);
      const applied = events.filter(
        ({ event_type, data }) => event_type === 'trigger_applied' && data['trigger_id'],
      );
      const ids = applied.map(({ data }) => data['trigger_id']);
      expect(ids.toSorted()).toEqual(acknowledged.map((n) => `T-${n}`).toSorted());
      const joined = events.filter(({ event_type }) => event_type === 'subworkflow_completed');
      expect(joined.map(({ data }) => data['instance_id'])).toEqual([child]);
      expect(await treeOf(id)).toMatchObject({ total_nodes: 2, completed_nodes: 2, total_tokens: 7 });
      expect((await eventsOf(child)).map(({ event_type }) => event_type)).not.toContain('trigger_rejected');
      await expectNoTaskFailed(bed().temporal.workflow.getHandle(id, firstRun));
      await expectNoTaskFailed(current);
      console.log(`full after ${fullAfter} s, ${before} events of Temporal's`);
    },
  );
});
