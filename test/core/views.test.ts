import { describe, expect, test } from 'vitest';
import { ENGINE_VERSION, LIMITS } from '../../src/core/limits.js';
import {
  viewHistory,
  viewStatusInfo,
  viewTasks,
  viewTreeMonitor,
  viewTreeStatus,
  viewWaiting,
  viewWorkflowState,
} from '../../src/core/views.js';
import { CoreDriver, START_AT } from '../support/core-driver.js';

const FLOW = `
phases:
  - name: work
    execution_strategy: parallel
    tasks:
      - { name: a, task: "Do \${variables.what}", meta: { model: strong }, expects: { type: object }, timeout_sec: 60, context: { w: "\${variables.what}" } }
      - { name: b, approval: Fine?, decisions: [yes, no] }
      - { name: c, executor: { activity: go } }
      - { name: d, task: "\${item.x}", foreach: "[{'x': 1}, {'x': 2}]" }
  - { name: last, task: Last }
`;

const started = (): CoreDriver => new CoreDriver(FLOW, { context: { what: 'it' }, meta: { from: 'test' } });

describe('what is shown of an instance', () => {
  test('its tasks, with all that whoever does them needs, in the order of their creation', () => {
    const driver = started();
    driver.claim({ agent_id: 'ann', task: 'a', lease_sec: 30 });
    const [a, b, c, d0, d1] = viewTasks(driver.state);
    expect(a).toEqual({
      task_id: 'work#1/a',
      phase: 'work',
      visit: 1,
      name: 'a',
      kind: 'agent',
      text: 'Do it',
      status: 'open',
      attempts: 1,
      opened_at: '2026-01-01T00:00:00.000Z',
      closed_at: null,
      claimed_by: 'ann',
      lease_expires_at: '2026-01-01T00:00:30.000Z',
      waiting_for: 'agent',
      context: { w: 'it' },
      meta: { model: 'strong' },
      expects: { type: 'object' },
      timeout_at: '2026-01-01T00:01:00.000Z',
    });
    expect(b).toMatchObject({ kind: 'approval', allowed_decisions: ['yes', 'no'], waiting_for: 'approval' });
    expect(c).toMatchObject({ kind: 'executor', text: null, waiting_for: 'executor' });
    expect([d0, d1]).toMatchObject([
      { task_id: 'work#1/d[0]', index: 0, item: { x: 1 }, text: '1' },
      { task_id: 'work#1/d[1]', index: 1, item: { x: 2 }, text: '2' },
    ]);
  });

  test('the whole state, the visit that goes on included', () => {
    const driver = started();
    driver.advance(5000);
    const view = viewWorkflowState(driver.state, driver.at);
    expect(view).toMatchObject({
      instance_id: 'wfi_000000000001',
      root_instance_id: 'wfi_000000000001',
      parent_instance_id: null,
      tenant_id: 'default',
      feature_id: 'feature-1',
      workflow_name: 'flow',
      schema_version: '1',
      engine_version: ENGINE_VERSION,
      status: 'running',
      waiting_for: 'agent',
      current_phase: 'work',
      recursion_depth: 0,
      usage: { tokens: 0, cost_usd: 0, elapsed_sec: 5, children: 0, as_of: expect.any(String) as string },
      meta: { from: 'test' },
      created_at: '2026-01-01T00:00:00.000Z',
      closed_at: null,
      failure: null,
      history_truncated: false,
    });
    expect(view.history).toEqual([
      {
        phase: 'work',
        visit: 1,
        task: 'a, b, c, d',
        started_at: '2026-01-01T00:00:00.000Z',
        ended_at: null,
        status: 'running',
        trigger_data_snapshot: {},
        trigger_id: null,
        meta: {},
      },
    ]);
    expect('result' in view).toBe(false);
  });

  test('a visit remembers what closed its last task, cut at 1 kB with its digest', () => {
    const driver = new CoreDriver(
      'phases: [{ name: a, task: Do it well }, { name: b, task: B }, { name: c, task: C }]',
    );
    driver.trigger({ n: 1 }, { trigger_id: 't1', meta: { actor: 'x' } });
    driver.trigger({ text: 'x'.repeat(2000) });
    const [a, b] = viewWorkflowState(driver.state, driver.at).history;
    expect(a).toMatchObject({
      task: 'Do it well',
      status: 'completed',
      trigger_data_snapshot: { n: 1 },
      trigger_id: 't1',
      meta: { actor: 'x' },
    });
    expect(b?.trigger_data_snapshot).toEqual({
      truncated: true,
      size_bytes: 2011,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  test('the log of visits is bounded, and says so', () => {
    const driver = new CoreDriver('phases: [{ name: a, task: A, next: a }]', { checks: false });
    for (let index = 0; index < LIMITS.visitLog + 10; index++) driver.trigger();
    expect(driver.state.visits.length).toBeLessThanOrEqual(LIMITS.visitLog);
    expect(driver.state.visits.at(-1)?.visit).toBe(LIMITS.visitLog + 10);
    expect(viewWorkflowState(driver.state, driver.at).history_truncated).toBe(true);
  });

  test('status, tree and monitor agree', () => {
    const driver = started();
    driver.pause();
    const info = viewStatusInfo(driver.state);
    expect(info).toMatchObject({ status: 'paused', progress: 0, depth: 0, child_count: 0 });
    expect(viewTreeMonitor(driver.state, START_AT + 9000)).toEqual({
      root: { ...info, usage: { tokens: 0, cost_usd: 0 } },
      tree_status: viewTreeStatus(driver.state, START_AT + 9000),
      children: [],
      timestamp: '2026-01-01T00:00:09.000Z',
    });
    expect(viewTreeStatus(driver.state, START_AT + 9000)).toMatchObject({
      status: 'paused',
      total_nodes: 1,
      paused_nodes: 1,
      running_nodes: 0,
      execution_time_sec: 9,
    });
  });

  test('a tree of an instance that nothing has happened in yet is running', () => {
    const driver = new CoreDriver('phases: [{ name: a, task: A }]');
    expect(viewTreeStatus(driver.state, driver.at)).toMatchObject({ status: 'running', created_nodes: 1 });
  });

  test('what is waited for: kinds first, then each with its phase, cut at 1.5 KiB', () => {
    const driver = started();
    expect(viewWaiting(driver.state)).toEqual([
      'agent',
      'approval',
      'executor',
      'agent:work',
      'approval:work',
      'executor:work',
    ]);
    driver.cancel();
    expect(viewWaiting(driver.state)).toEqual([]);
  });

  test('what is waited for is cut at 1.5 KiB', () => {
    const phases = Array.from(
      { length: 40 },
      (_, index) =>
        `  - { name: ${'p'.repeat(50)}${index}, execution_strategy: concurrent, tasks: [{ name: t, task: T }] }`,
    );
    const driver = new CoreDriver(`phases:\n${phases.join('\n')}\n`);
    const words = viewWaiting(driver.state);
    expect(words[0]).toBe('agent');
    expect(words.length).toBeLessThan(40);
    expect(words.join('').length).toBeLessThanOrEqual(1536);
  });

  test('the audit stream after a number, and where older events lie', () => {
    const driver = started();
    const { events } = viewHistory(driver.state);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(viewHistory(driver.state, 3)).toMatchObject({ first_seq: 4, segments: [] });
    const last = events.at(-1)?.seq ?? 0;
    driver.continueAsNew();
    driver.trigger({}, { task: 'a' });
    const page = viewHistory(driver.state);
    expect(page.first_seq).toBe(last + 1);
    expect(page.segments).toHaveLength(1);
    expect(viewHistory(driver.state, last).segments).toEqual([]);
    expect(viewHistory(driver.state, 10_000)).toMatchObject({ events: [], first_seq: driver.state.next_seq });
  });

  test('references to artifacts are kept and shown', () => {
    const driver = started();
    const ref = {
      name: 'plan.md',
      uri: 'file:plan.md',
      sha256: 'a'.repeat(64),
      size_bytes: 3,
      media_type: 'text/markdown',
      kind: 'output',
      created_at: '2026-01-01T00:00:00Z',
    } as const;
    driver.pause();
    driver.send({ type: 'artifacts_recorded', refs: [ref] });
    driver.resume();
    driver.trigger({}, { task: 'a', artifacts: [{ ...ref, name: 'other' }] });
    expect(viewWorkflowState(driver.state, driver.at).artifacts.map(({ name }) => name)).toEqual([
      'plan.md',
      'other',
    ]);
    expect(driver.eventTypes).toContain('artifacts_recorded');
  });
});
