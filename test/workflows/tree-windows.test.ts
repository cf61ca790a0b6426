/** A foreach of more children than one run's history takes: windows of them, over several runs. */
import type { temporal } from '@temporalio/proto';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { expect, test } from 'vitest';
import type { WorkflowState } from '../../src/core/shapes.js';
import { bed, childOf, infoOf, PATIENCE, resultOf, treeOf, trigger, useTreeBed } from './tree-bed.js';

useTreeBed();

/** `CHATFLOW_LONG=1` runs as many as an instance may have, some minutes long. */
const CHILDREN = process.env['CHATFLOW_LONG'] === '1' ? 10_000 : 350;
const PATIENCE_MS = 30 * 60_000;
/** A run ends at about 1,000 events; what its last window still brings is on top. */
const MOST_EVENTS = 1_300;

const MANY = `
name: many
version: "1"
phases:
  - name: split
    foreach: variables.items
    max_parallel: 50
    inherit: []
    context: { item: "\${item}" }
    subworkflow:
      name: one
      version: "1"
      phases: [{ name: note, tasks: [], outputs: { doubled: variables.item * 2 } }]
      result: { doubled: variables.doubled }
result: { doubled: "phases.split.output.map(each, each.doubled)" }
`;

/** The events of each run of an instance, oldest run first. */
async function runsOf(id: string): Promise<temporal.api.history.v1.IHistoryEvent[][]> {
  const runs: temporal.api.history.v1.IHistoryEvent[][] = [];
  let runId: string | undefined;
  for (;;) {
    const { events } = await bed().temporal.workflow.getHandle(id, runId).fetchHistory();
    runs.unshift(events ?? []);
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    if (!started?.continuedExecutionRunId) return runs;
    runId = started.continuedExecutionRunId;
  }
}

function lifeMs(events: readonly temporal.api.history.v1.IHistoryEvent[]): number {
  const [from, until] = [events[0], events.at(-1)].map((event) => optionalTsToMs(event?.eventTime) ?? NaN);
  return (until ?? NaN) - (from ?? NaN);
}

test(
  'joins every child once and in order, whichever run it was in, and no run grows long',
  { timeout: PATIENCE_MS },
  async () => {
    const startedAt = performance.now();
    const items = Array.from({ length: CHILDREN }, (_, index) => index);
    const { workflowId: id } = await bed().start(MANY, { initial_context: { items } });
    expect(await resultOf(id)).toEqual({ doubled: items.map((item) => item * 2) });
    expect(await treeOf(id)).toMatchObject({ total_nodes: CHILDREN + 1, completed_nodes: CHILDREN + 1 });
    const state = await bed().temporal.workflow.getHandle(id).query<WorkflowState>('get_workflow_state');
    expect(state.usage.children).toBe(CHILDREN);
    const runs = await runsOf(id);
    expect(runs.length).toBeGreaterThan(1);
    const completed = runs.map(
      (events) => events.filter((event) => event.childWorkflowExecutionCompletedEventAttributes).length,
    );
    expect(completed.reduce((sum, count) => sum + count, 0)).toBe(CHILDREN);
    for (const events of runs) expect(events.length).toBeLessThan(MOST_EVENTS);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const perChild = runs.map((events, index) => lifeMs(events) / (completed[index] ?? NaN));
    // The last run holds what was left over.
    const [first = NaN, last = NaN] = [perChild.at(1), perChild.at(-2)];
    const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
    console.log(
      `${CHILDREN} children in ${seconds} s, ${runs.length} runs, the longest of ${Math.max(...runs.map((events) => events.length))} events; ` +
        `${first.toFixed(1)} ms a child in the second run, ${last.toFixed(1)} in the last but one; ${megabytes} MB`,
    );
  },
);

const SLOW = `
phases:
  - name: split
    foreach: "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    max_parallel: 2
    inherit: []
    context: { item: "\${item}" }
    subworkflow:
      name: one
      version: "1"
      phases: [{ name: note, condition: variables.item == 0, task: Note }]
`;

test('one slow element does not hold up the others past the mark', async () => {
  const { workflowId: id } = await bed().start(SLOW);
  const slow = await childOf(id, 'split#1/split[0]');
  await bed().engine.pause(id);
  // As many inputs as make a run long enough to be followed by another.
  const signals = Array.from({ length: 200 }, () =>
    bed().temporal.workflow.getHandle(id).signal('pause', {}),
  );
  await Promise.all(signals);
  const { runId } = await bed().temporal.workflow.getHandle(id).describe();
  await bed().engine.resume(id);
  await expect.poll(async () => (await infoOf(id)).completed_children, PATIENCE).toBe(9);
  expect((await bed().temporal.workflow.getHandle(id).describe()).runId).toBe(runId);
  await trigger(slow);
  await resultOf(id);
  expect(await treeOf(id)).toMatchObject({ completed_nodes: 11 });
});
