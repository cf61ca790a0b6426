/** No input wedges an instance: whatever arrives, no workflow task fails, and the next good trigger is applied. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryPage } from '../../src/core/shapes.js';
import { QUERIES, SIGNALS, UPDATES } from '../../src/workflows/messages.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { BAD_PAYLOADS, signalRaw, updateRaw } from './raw-payload.js';
import { openTestBed, type TestBed } from './test-bed.js';

const FLOW = `
phases:
  - name: first
    task: First
  - name: second
    task: Second
`;

/** What such a signal or update takes without a complaint: these may have no argument at all. */
const WITHOUT_ARGUMENT = new Set<string>(['pause', 'resume']);

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

async function expectStillAtWork(handle: WorkflowHandle): Promise<void> {
  await expectNoTaskFailed(handle);
  const result = await handle.executeUpdate('trigger_next_step', { args: [{ expected_phase: 'first' }] });
  expect(result).toMatchObject({ applied: true, current_phase: 'second' });
}

describe('as a signal', () => {
  test.each(SIGNALS)('%s with anything but its argument is recorded as refused', async (name) => {
    const handle = await bed.start(FLOW);
    const payloads = Object.values(BAD_PAYLOADS);
    if (!WITHOUT_ARGUMENT.has(name)) payloads.push([]);
    for (const bad of payloads) await signalRaw(bed.temporal, handle.workflowId, name, bad);
    const { events } = await handle.query<HistoryPage>('get_history');
    const rejected = events.filter((event) => event.event_type === 'trigger_rejected');
    expect(rejected).toHaveLength(payloads.length);
    for (const { data } of rejected) {
      expect(data['input']).toBe(name);
      expect(data['type']).toBe('InvalidInputError');
    }
    await expectStillAtWork(handle);
  });

  test('an unknown one with a payload that cannot be read is recorded too', async () => {
    const handle = await bed.start(FLOW);
    for (const bad of Object.values(BAD_PAYLOADS))
      await signalRaw(bed.temporal, handle.workflowId, 'n'.repeat(200), bad);
    const { events } = await handle.query<HistoryPage>('get_history');
    const rejected = events.filter((event) => event.event_type === 'trigger_rejected');
    expect(rejected).toHaveLength(Object.keys(BAD_PAYLOADS).length);
    await expectStillAtWork(handle);
  });

  test("one of a name that is Temporal's own is recorded as refused", async () => {
    const handle = await bed.start(FLOW);
    await handle.signal('__temporal_foo', {});
    const { events } = await handle.query<HistoryPage>('get_history');
    const rejected = events.filter((event) => event.event_type === 'trigger_rejected');
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.data).toMatchObject({
      input: 'reserved name __temporal_foo',
      type: 'InvalidInputError',
    });
    await expectStillAtWork(handle);
  });

  test('bad elements of a batch are refused one by one, and the good ones are applied', async () => {
    const handle = await bed.start(FLOW);
    const batch = [null, 'text', 7, [], { trigger_data: { a: 2 ** 60 } }, { expected_phase: 'first' }];
    await handle.signal('trigger_batch', batch);
    const { events } = await handle.query<HistoryPage>('get_history');
    expect(events.filter((event) => event.event_type === 'trigger_rejected')).toHaveLength(5);
    expect(events.filter((event) => event.event_type === 'trigger_applied')).toHaveLength(1);
    await expectNoTaskFailed(handle);
  });
});

describe('as an update', () => {
  test.each(UPDATES)('%s with anything but its argument is refused', async (name) => {
    const handle = await bed.start(FLOW);
    const payloads = Object.values(BAD_PAYLOADS);
    if (!WITHOUT_ARGUMENT.has(name)) payloads.push([]);
    for (const bad of payloads) {
      const outcome = await updateRaw(bed.temporal, handle.workflowId, name, bad);
      expect(outcome.type, outcome.message ?? '').toBe('InvalidInputError');
    }
    await expectStillAtWork(handle);
  });
});

describe('as a query', () => {
  test.each(QUERIES)('%s with what it does not take is refused, and says why', async (name) => {
    const handle = await bed.start(FLOW);
    await expect(handle.query(name, { no_such_key: 1 })).rejects.toThrow(/no_such_key/);
    await expect(handle.query(name, {}, {})).rejects.toThrow(/argument/);
    await expectStillAtWork(handle);
  });
});
