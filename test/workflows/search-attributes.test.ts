/** What lists show: the values, how often they are written, and that many open tasks never cost the instance its life. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkflowState } from '../../src/core/shapes.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { openTestBed, type TestBed } from './test-bed.js';

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

async function attributesOf(handle: WorkflowHandle): Promise<Record<string, unknown>> {
  const { typedSearchAttributes } = await handle.describe();
  return Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
}

/**
 * When the run decided to write its attributes, in milliseconds: a workflow's clock stands at the start of its task. The
 * upsert's own time is that of the task's end, and how long a task takes depends on what else the machine does.
 */
async function upsertTimes(handle: WorkflowHandle): Promise<number[]> {
  const events = (await handle.fetchHistory()).events ?? [];
  const byId = new Map(events.map((event) => [Number(event.eventId), event]));
  return events.flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    if (!upsert) return [];
    const task = byId.get(Number(upsert.workflowTaskCompletedEventId));
    const start = byId.get(Number(task?.workflowTaskCompletedEventAttributes?.startedEventId));
    if (!start) throw new Error('The history names no start of the task that wrote the attributes');
    return [Number(start.eventTime?.seconds) * 1000 + Math.floor((start.eventTime?.nanos ?? 0) / 1e6)];
  });
}

describe('the search attributes of an instance', () => {
  test('are all there after the first task, though its client has set none', async () => {
    const handle = await bed.start(
      'name: listed\nversion: "2.1"\nphases: [{ name: a, task: A }, { name: b, approval: B }]',
      { feature_id: 'F-77', tenant_id: 'acme' },
    );
    expect(await attributesOf(handle)).toMatchObject({
      ChatflowTenant: 'acme',
      ChatflowFeature: 'F-77',
      ChatflowSchema: 'listed@2.1',
      ChatflowStatus: 'created',
      ChatflowPhase: 'a',
      ChatflowWaitingFor: ['agent', 'agent:a'],
      ChatflowDepth: 0,
      ChatflowTokens: 0,
      ChatflowCostUsd: 0,
    });
    await handle.signal('trigger_next_step', { usage: { tokens: 12, cost_usd: 0.5 } });
    await expect
      .poll(() => attributesOf(handle), { timeout: 10_000 })
      .toMatchObject({
        ChatflowStatus: 'running',
        ChatflowPhase: 'b',
        ChatflowWaitingFor: ['approval', 'approval:b'],
        ChatflowTokens: 12,
        ChatflowCostUsd: 0.5,
      });
  });

  test('are written at most once a second while a hundred triggers come, and hold the final values', async () => {
    const handle = await bed.start(`
phases:
  - { name: ping, task: Ping, max_visits: 50, on_max_visits: done }
  - { name: pong, task: Pong, next: ping }
  - { name: done, outputs: { done: 'true' }, tasks: [] }
`);
    for (let n = 0; n < 100; n += 1) {
      await bed.engine.triggerNextStep(handle.workflowId, { usage: { tokens: 1 } });
    }
    await handle.result();
    const times = await upsertTimes(handle);
    // The last one is the end's: it comes at once.
    const gaps = times.slice(1, -1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(0);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect(await attributesOf(handle)).toMatchObject({ ChatflowStatus: 'completed', ChatflowTokens: 100 });
  });

  test('of a long id are cut, not refused', async () => {
    const handle = await bed.start('phases: [{ name: a, task: A }]', { feature_id: 'ä'.repeat(255) });
    expect((await attributesOf(handle))['ChatflowFeature']).toMatch(/^ä+$/);
    await expectNoTaskFailed(handle);
  });
});

describe('an instance with many open tasks', () => {
  test.each([100, 1000])('%i of one list lives on and ends', { timeout: 120_000 }, async (count) => {
    const handle = await bed.start(
      `
phases:
  - name: each
    foreach: variables.items
    max_parallel: 500
    task: Look at \${item}
`,
      { initial_context: { items: Array.from({ length: count }, (_none, n) => n) } },
    );
    const state = await handle.query<WorkflowState>('get_workflow_state');
    const ids = state.tasks.filter((task) => task.status === 'open').map((task) => task.task_id);
    expect(ids.length).toBe(Math.min(count, 500));
    expect((await attributesOf(handle))['ChatflowWaitingFor']).toEqual(['agent', 'agent:each']);
    for (let from = 0; from < count; from += 100) {
      const batch = Array.from({ length: 100 }, (_none, n) => ({ task: `each#1/each[${from + n}]` }));
      const results = await bed.engine.triggerBatch(handle.workflowId, batch);
      expect(results.every((result) => result.applied)).toBe(true);
    }
    await bed.engine.getResult(handle.workflowId);
    await expectNoTaskFailed(handle);
  });

  test('of a hundred names in forty phases stays within what an attribute may hold', async () => {
    const tasks = Array.from({ length: 100 }, (_none, n) => `{ name: task_${n}, task: T }`).join(', ');
    const phases = Array.from(
      { length: 40 },
      (_none, n) => `
  - name: a_rather_long_name_of_a_phase_that_goes_on_and_on_number_${n}
    execution_strategy: concurrent
    tasks: [${n === 0 ? tasks : `{ name: beside_${n}, task: T }`}]`,
    );
    const handle = await bed.start(`phases:${phases.join('')}\n  - { name: end_of_it, task: End }`);
    const waiting = (await attributesOf(handle))['ChatflowWaitingFor'] as string[];
    expect(waiting[0]).toBe('agent');
    expect(Buffer.byteLength(JSON.stringify(waiting))).toBeLessThan(2048);
    await expectNoTaskFailed(handle);
    await handle.signal('trigger_next_step', {});
    expect(await handle.query('get_workflow_status_info')).toMatchObject({ current_phase: 'end_of_it' });
  });
});
