/** Every name of the protocol, as a client without a line of ChatFlow sends it. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  HistoryEvent,
  HistoryPage,
  Task,
  TriggerResult,
  WorkflowState,
  WorkflowStatusInfo,
} from '../../src/core/shapes.js';
import { QUERIES, SIGNALS, UPDATES } from '../../src/workflows/messages.js';
import { expectShape } from './protocol-shapes.js';
import { jsonText, updateRaw } from './raw-payload.js';
import { historyLength, openTestBed, typesOf, type TestBed } from './test-bed.js';

const FLOW = `
phases:
  - name: write
    execution_strategy: parallel
    tasks:
      - { name: code, task: Write the code }
      - { name: docs, task: Write the docs }
  - name: gate
    approval: Good enough?
  - name: publish
    task: Publish
`;

const ARTIFACT = {
  name: 'write#1/code/record',
  uri: 'file:///tmp/record.json',
  sha256: 'a'.repeat(64),
  size_bytes: 12,
  media_type: 'application/json',
  kind: 'record',
  created_at: '2026-01-01T00:00:00Z',
};

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

async function eventsOf(handle: WorkflowHandle): Promise<readonly HistoryEvent[]> {
  return (await handle.query<HistoryPage>('get_history')).events;
}

/** An update as a client of another language sends it; resolves with its answer. */
async function update(handle: WorkflowHandle, name: string, input: unknown): Promise<unknown> {
  const outcome = await updateRaw(bed.temporal, handle.workflowId, name, [jsonText(JSON.stringify(input))]);
  if ('answer' in outcome) return outcome.answer;
  throw new Error(`${name} was refused: ${outcome.type}: ${outcome.message}`);
}

describe('updates', () => {
  test('each of them answers in the shape that the protocol names', async () => {
    const handle = await bed.start(FLOW);
    const answered = new Map<string, unknown>();
    const send = async (name: string, input: unknown): Promise<unknown> => {
      answered.set(name, await update(handle, name, input));
      return answered.get(name);
    };

    const claimed = (await send('claim_task', {
      agent_id: 'ann',
      lease_sec: 60,
      request_id: 'r1',
    })) as Task;
    expectShape('Task', claimed);
    expect(claimed).toMatchObject({ task_id: 'write#1/code', claimed_by: 'ann', status: 'open' });
    expect(claimed.claim_id).toMatch(/^clm_/);
    const again = await update(handle, 'claim_task', { agent_id: 'ann', lease_sec: 60, request_id: 'r1' });
    expect(again).toMatchObject({ claim_id: claimed.claim_id });

    const beaten = (await send('heartbeat_task', { claim_id: claimed.claim_id, lease_sec: 600 })) as Task;
    expectShape('Task', beaten);
    expect(Date.parse(beaten.lease_expires_at ?? '')).toBeGreaterThan(
      Date.parse(claimed.lease_expires_at ?? ''),
    );
    const released = (await send('release_task', { claim_id: claimed.claim_id })) as Task;
    expectShape('Task', released);
    expect(released).not.toHaveProperty('claimed_by');

    expectShape('WorkflowStatusInfo', await send('set_automation_level', { level: 70 }));
    expectShape('WorkflowStatusInfo', await send('extend_quota', { max_tokens: 1000 }));
    await send('record_artifacts', [ARTIFACT]);
    const paused = (await send('pause', { reason: 'lunch' })) as WorkflowStatusInfo;
    expectShape('WorkflowStatusInfo', paused);
    expect(paused.status).toBe('paused');
    const resumed = (await send('resume', {})) as WorkflowStatusInfo;
    expectShape('WorkflowStatusInfo', resumed);
    expect(resumed.status).toBe('running');

    const step = (await send('trigger_next_step', {
      task: 'code',
      trigger_data: { diff: '+1' },
      trigger_id: 'code/1',
      usage: { tokens: 10, cost_usd: 0.01 },
    })) as TriggerResult;
    expectShape('TriggerResult', step);
    expect(step).toMatchObject({
      instance_id: handle.workflowId,
      status: 'running',
      previous_phase: 'write',
      current_phase: 'write',
      waiting_for: 'agent',
      applied: true,
      duplicate: false,
    });
    const batch = (await send('trigger_batch', [
      { task: 'nobody' },
      { task: 'docs' },
      'no trigger',
    ])) as TriggerResult[];
    batch.forEach((result) => expectShape('TriggerResult', result));
    expect(batch.map((result) => result.applied)).toEqual([false, true, false]);
    expect(batch.map((result) => result.error?.type)).toEqual([
      'TaskNotFoundError',
      undefined,
      'InvalidInputError',
    ]);
    const rewound = (await send('rewind', { phase: 'write', guidance: 'Shorter' })) as TriggerResult;
    expectShape('TriggerResult', rewound);
    expect(rewound).toMatchObject({ current_phase: 'write', waiting_for: 'agent' });

    const unanswered = UPDATES.filter((name) => !answered.has(name));
    expect(unanswered).toEqual(['create_subworkflow', 'retry_task']);
  });

  test('retry_task answers with the task that is open again', async () => {
    const handle = await bed.start(`
phases:
  - name: build
    execution_strategy: parallel
    tasks:
      - { name: first, task: First, on_failure: continue }
      - { name: second, task: Second }
`);
    await update(handle, 'trigger_next_step', {
      task: 'first',
      outcome: 'failed',
      error: { type: 'Broken', message: 'no luck' },
    });
    const task = (await update(handle, 'retry_task', { task: 'build#1/first', guidance: 'Twice' })) as Task;
    expectShape('Task', task);
    expect(task).toMatchObject({ task_id: 'build#1/first', status: 'open', meta: { guidance: 'Twice' } });
  });

  /** What is refused, by update: its error's type. */
  const REFUSED: readonly (readonly [name: string, input: unknown, type: string])[] = [
    ['trigger_next_step', { bogus: 1 }, 'InvalidInputError'],
    ['trigger_next_step', { trigger_data: [] }, 'InvalidInputError'],
    ['trigger_next_step', { error: { type: 'X', message: 'y' } }, 'InvalidInputError'],
    ['trigger_next_step', {}, 'TaskNotFoundError'],
    ['trigger_next_step', { task: 'nobody' }, 'TaskNotFoundError'],
    ['trigger_next_step', { task: 'code', expected_phase: 'gate' }, 'PhaseMismatchError'],
    ['trigger_next_step', { task: 'code', expected_phase: 'write#2' }, 'PhaseMismatchError'],
    ['trigger_next_step', { task: 'code', claim_id: 'clm_0' }, 'TaskAlreadyClaimedError'],
    ['trigger_batch', {}, 'InvalidInputError'],
    ['create_subworkflow', { schema_id: 'x', schema: {} }, 'InvalidInputError'],
    ['create_subworkflow', { bogus: 1 }, 'InvalidInputError'],
    ['claim_task', {}, 'InvalidInputError'],
    ['claim_task', { agent_id: 'ann', lease_sec: 0 }, 'InvalidInputError'],
    ['claim_task', { agent_id: 'ann', lease_sec: 90_000 }, 'InvalidInputError'],
    ['claim_task', { agent_id: 'ann', lease_sec: 5, task: 'nobody' }, 'TaskNotFoundError'],
    ['heartbeat_task', { claim_id: 'clm_0' }, 'TaskNotFoundError'],
    ['release_task', { claim_id: 'clm_0' }, 'TaskNotFoundError'],
    ['record_artifacts', [{ ...ARTIFACT, sha256: 'nope' }], 'InvalidInputError'],
    ['pause', { reason: 5 }, 'InvalidInputError'],
    ['resume', { bogus: 1 }, 'InvalidInputError'],
    ['set_automation_level', { level: 101 }, 'InvalidInputError'],
    ['extend_quota', { max_tokens: -1 }, 'InvalidInputError'],
    ['rewind', { phase: 'nowhere' }, 'InvalidInputError'],
    ['retry_task', { task: 'nobody' }, 'TaskNotFoundError'],
  ];

  test('each of them refuses in its validator, which leaves no event in Temporal', async () => {
    const handle = await bed.start(FLOW);
    const before = await historyLength(handle);
    for (const [name, input, type] of REFUSED) {
      const outcome = await updateRaw(bed.temporal, handle.workflowId, name, [
        jsonText(JSON.stringify(input)),
      ]);
      expect(outcome, `${name} ${JSON.stringify(input)}`).toMatchObject({ type });
      expect(outcome.message).not.toBe('');
    }
    expect(await historyLength(handle)).toBe(before);
    expect(typesOf(await eventsOf(handle))).not.toContain('trigger_rejected');
    expect(new Set(REFUSED.map(([name]) => name))).toEqual(new Set(UPDATES));
  });

  test('one that a pause refuses costs nothing either', async () => {
    const handle = await bed.start(FLOW);
    await update(handle, 'pause', {});
    await bed.engine.getWorkflowState(handle.workflowId);
    const refused = await updateRaw(bed.temporal, handle.workflowId, 'trigger_next_step', [
      jsonText('{"task":"code"}'),
    ]);
    expect(refused).toMatchObject({ type: 'WorkflowPausedError' });
    expect(typesOf(await eventsOf(handle))).not.toContain('trigger_rejected');
  });

  test('one of an unknown name is refused and leaves the instance at work', async () => {
    const handle = await bed.start(FLOW);
    const outcome = await updateRaw(bed.temporal, handle.workflowId, 'frobnicate', [jsonText('{}')]);
    expect(outcome).not.toHaveProperty('answer');
    expect(await update(handle, 'trigger_next_step', { task: 'code' })).toMatchObject({ applied: true });
  });
});

describe('signals', () => {
  test('each of them does what the update of its name does', async () => {
    const handle = await bed.start(FLOW);
    await handle.signal('set_automation_level', { level: 20 });
    await handle.signal('extend_quota', { max_tokens: 500 });
    await handle.signal('record_artifacts', [ARTIFACT]);
    await handle.signal('trigger_next_step', { task: 'code', trigger_data: { diff: '+1' } });
    await handle.signal('pause', { reason: 'lunch' });
    expect(await handle.query('get_workflow_status_info')).toMatchObject({ status: 'paused' });
    await handle.signal('trigger_batch', [{ task: 'docs' }]);
    await handle.signal('resume', {});
    const state = await handle.query<WorkflowState>('get_workflow_state');
    expect(state).toMatchObject({
      status: 'running',
      current_phase: 'gate',
      automation_level: 20,
      resource_quota: { max_tokens: 500 },
      variables: { diff: '+1' },
      artifacts: [ARTIFACT],
    });
    expect(typesOf(await eventsOf(handle))).not.toContain('trigger_rejected');
  });

  /** What is refused, by signal: its error's type. */
  const REFUSED: readonly (readonly [name: string, input: unknown, type: string])[] = [
    ['trigger_next_step', { bogus: 1, trigger_id: 'T-7' }, 'InvalidInputError'],
    ['trigger_next_step', { task: 'nobody' }, 'TaskNotFoundError'],
    ['trigger_next_step', { task: 'code', expected_phase: 'gate' }, 'PhaseMismatchError'],
    ['trigger_batch', { task: 'code' }, 'InvalidInputError'],
    ['create_subworkflow', {}, 'InvalidInputError'],
    ['record_artifacts', [{ ...ARTIFACT, sha256: 'nope' }], 'InvalidInputError'],
    ['pause', { reason: 5 }, 'InvalidInputError'],
    ['resume', { bogus: 1 }, 'InvalidInputError'],
    ['set_automation_level', { level: 101 }, 'InvalidInputError'],
    ['extend_quota', { max_tokens: -1 }, 'InvalidInputError'],
    ['publish_to_parent', { data: {} }, 'InvalidInputError'],
    ['message_child', { instance_id: 'wfi_0', data: {} }, 'InstanceNotFoundError'],
    ['frobnicate', { anything: true }, 'InvalidInputError'],
  ];

  test('each refusal of one stands in the history with its reason, unknown names too', async () => {
    const handle = await bed.start(FLOW);
    for (const [name, input] of REFUSED) await handle.signal(name, input);
    const events = await eventsOf(handle);
    const rejected = events.filter((event) => event.event_type === 'trigger_rejected');
    rejected.forEach((event) => expectShape('HistoryEvent', event));
    expect(rejected.map(({ data }) => [data['input'], data['type']])).toEqual(
      REFUSED.map(([name, , type]) => [name, type]),
    );
    expect(rejected[0]?.data['trigger_id']).toBe('T-7');
    rejected.forEach(({ data }) => expect(String(data['message']).length).toBeGreaterThan(10));
    const names = new Set(REFUSED.map(([name]) => name));
    expect(SIGNALS.filter((name) => !names.has(name))).toEqual([]);
    expect(await update(handle, 'trigger_next_step', { task: 'code' })).toMatchObject({ applied: true });
  });

  test('an element of a batch that is refused stands there by itself', async () => {
    const handle = await bed.start(FLOW);
    await handle.signal('trigger_batch', [{ task: 'nobody', trigger_id: 'b1' }, { task: 'code' }]);
    const events = await eventsOf(handle);
    const triggers = events.filter(({ event_type }) => /^trigger_(applied|rejected)$/.test(event_type));
    expect(triggers.map(({ event_type, data }) => [event_type, data['trigger_id']])).toEqual([
      ['trigger_rejected', 'b1'],
      ['trigger_applied', null],
    ]);
  });
});

describe('queries', () => {
  test('each of them answers in the shape that the protocol names', async () => {
    const handle = await bed.start(FLOW);
    await handle.signal('trigger_batch', [{ task: 'code' }, { task: 'docs' }]);
    const state = await handle.query<WorkflowState>('get_workflow_state');
    expectShape('WorkflowState', state);
    state.tasks.forEach((task) => expectShape('Task', task));
    state.history.forEach((entry) => expectShape('HistoryEntry', entry));
    expect(state.tasks.at(-1)).toMatchObject({
      task_id: 'gate#1/gate',
      kind: 'approval',
      allowed_decisions: ['approve', 'reject'],
    });
    expect(state.history.map(({ phase, visit, status }) => [phase, visit, status])).toEqual([
      ['write', 1, 'completed'],
      ['gate', 1, 'running'],
    ]);

    const info = await handle.query<WorkflowStatusInfo>('get_workflow_status_info');
    expectShape('WorkflowStatusInfo', info);
    expect(info).toMatchObject({ status: 'running', waiting_for: 'approval', current_phase: 'gate' });
    expectShape('WorkflowTreeStatus', await handle.query('get_workflow_tree_status'));
    const monitor = await handle.query<{ root: unknown; tree_status: unknown }>('monitor_workflow_tree');
    expectShape('WorkflowTreeMonitor', monitor);
    expectShape('WorkflowStatusInfo', monitor.root);
    expectShape('WorkflowTreeStatus', monitor.tree_status);

    const page = await handle.query<HistoryPage>('get_history');
    expectShape('HistoryPage', page);
    page.events.forEach((event) => expectShape('HistoryEvent', event));
    expect(page.events.map((event) => event.seq)).toEqual(page.events.map((_event, index) => index + 1));
    const rest = await handle.query<HistoryPage, [object]>('get_history', { after: 3 });
    expect(rest.first_seq).toBe(4);
    expect(rest.events).toEqual(page.events.slice(3));
    expect(await handle.query('get_left_behind')).toMatchObject({ open: [], report: { figures: {} } });
    expect(QUERIES).toHaveLength(8);
  });

  test('a preview says what a trigger would do and leaves no trace', async () => {
    const handle = await bed.start(FLOW);
    const before = await handle.query<WorkflowState>('get_workflow_state');
    const length = await historyLength(handle);
    const would = await handle.query<TriggerResult, [object]>('preview_next_step', { task: 'code' });
    expectShape('TriggerResult', would);
    expect(would).toMatchObject({ applied: true, status: 'running' });
    const not = await handle.query<TriggerResult, [object]>('preview_next_step', { task: 'nobody' });
    expectShape('TriggerResult', not);
    expect(not).toMatchObject({ applied: false, error: { type: 'TaskNotFoundError' } });
    expect(await historyLength(handle)).toBe(length);
    expect(await handle.query('get_workflow_state')).toEqual(before);
  });

  test('one with a bad argument, or of an unknown name, fails alone', async () => {
    const handle = await bed.start(FLOW);
    await expect(handle.query('get_history', { after: 'yesterday' })).rejects.toThrow(/after/);
    await expect(handle.query('get_history', {}, {})).rejects.toThrow(/one argument/);
    await expect(handle.query('preview_next_step')).rejects.toThrow(/needs an argument/);
    await expect(handle.query('frobnicate')).rejects.toThrow(/frobnicate/);
    expect(await update(handle, 'trigger_next_step', { task: 'code' })).toMatchObject({ applied: true });
  });
});
