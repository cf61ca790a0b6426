/** The shapes of instances whose histories are kept: a definition, and what happens to it until it has ended. */
import type { WorkflowHandle } from '@temporalio/client';
import type { ChatFlow } from '../../src/client/index.js';
import type { TriggerInput } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';

export interface FlowShape {
  readonly yaml: string;
  readonly context?: JsonObject;
  readonly drive: (handle: WorkflowHandle, engine: ChatFlow) => Promise<void>;
}

/** Sends triggers by update, one after the other. */
async function send(handle: WorkflowHandle, ...inputs: readonly TriggerInput[]): Promise<void> {
  for (const input of inputs) await sendOne(handle, input);
}

/** An update that would have closed the run in a task that came too late was dropped: it is sent again. */
async function sendOne(handle: WorkflowHandle, input: TriggerInput): Promise<void> {
  try {
    await handle.executeUpdate('trigger_next_step', { args: [input] });
  } catch (error) {
    if (!/unexpected workflow task failure/.test(String((error as Error).cause))) throw error;
    await sendOne(handle, input);
  }
}

/** The instance's end, whatever it is. */
async function ended(handle: WorkflowHandle): Promise<void> {
  await handle.result().catch(() => undefined);
}

/** Waits until an instance's status info says so. */
async function untilStatus(handle: WorkflowHandle, key: string, value: string): Promise<void> {
  for (;;) {
    const info = await handle.query<Readonly<Record<string, unknown>>>('get_workflow_status_info');
    if (info[key] === value) return;
  }
}

const ECHO =
  '{ command: [node, -e, "console.log(JSON.stringify({ n: Number(process.argv[1]) }))", "${item}"] }';

export const FLOW_SHAPES: Readonly<Record<string, FlowShape>> = {
  sequential: {
    yaml: 'phases: [{ name: a, task: A }, { name: b, task: B }, { name: c, task: C }]',
    drive: async (handle) => {
      await send(
        handle,
        { trigger_data: { x: 1 } },
        { trigger_id: 'b/1', usage: { tokens: 5, cost_usd: 0.1 } },
      );
      await handle.signal('trigger_next_step', { trigger_id: 'b/1', usage: { tokens: 5, cost_usd: 0.1 } });
      await handle.signal('trigger_next_step', { meta: { actor: 'ann' } });
      await ended(handle);
    },
  },
  loops: {
    yaml: `
phases:
  - name: draft
    task: Draft
  - name: review
    task: Review
    max_visits: 3
    on_max_visits: publish
    next: [{ when: '!trigger.good', goto: draft }, { goto: publish }]
  - name: publish
    condition: variables.good
    fallback_phase: report
    task: Publish
  - name: report
    task: Report
`,
    drive: async (handle) => {
      for (let n = 0; n < 2; n += 1) await send(handle, {}, { trigger_data: { good: false } });
      await send(handle, {}, { trigger_data: { good: true } }, {}, {});
      await ended(handle);
    },
  },
  parallel: {
    yaml: `
phases:
  - name: all
    execution_strategy: parallel
    join: 2
    tasks: [{ name: a, task: A }, { name: b, task: B, after: [a] }, { name: c, task: C }]
  - name: beside
    execution_strategy: concurrent
    tasks: [{ name: later, task: Later }]
  - name: last
    task: Last
`,
    drive: async (handle) => {
      await handle.executeUpdate('trigger_batch', {
        args: [[{ task: 'a' }, { task: 'nobody' }, { task: 'c' }]],
      });
      await send(handle, { task: 'last' }, { task: 'beside#1/later' });
      await ended(handle);
    },
  },
  'foreach-executor': {
    yaml: `
result: { all: variables.all }
phases:
  - name: each
    foreach: variables.numbers
    max_parallel: 2
    executor: ${ECHO}
    outputs: { all: 'tasks.each.map(t, t.output)' }
`,
    context: { numbers: [1, 2, 3, 4, 5] },
    drive: ended,
  },
  'executor-retries': {
    yaml: `
phases:
  - name: odd
    executor: { command: [node, -e, "process.exit(3)"] }
    retry: { max_attempts: 2, initial_interval_sec: 1 }
    on_failure: [{ errors: [CommandFailedError], goto: repair, outputs: { why: error.type } }]
  - name: repair
    task: Repair
`,
    drive: async (handle) => {
      await untilStatus(handle, 'current_phase', 'repair');
      await send(handle, {});
      await ended(handle);
    },
  },
  approvals: {
    yaml: `
phases:
  - name: gate
    approval: Go?
    automation: 80
  - name: run
    executor: { command: [node, --version] }
    automation: 90
  - name: stop
    approval: Stop?
    on_failure: fail
`,
    drive: async (handle) => {
      await send(handle, { task: 'gate#1/gate', trigger_data: { decision: 'approve' } });
      await handle.executeUpdate('set_automation_level', { args: [{ level: 95 }] });
      await untilStatus(handle, 'current_phase', 'stop');
      await send(handle, { task: 'stop#1/stop', trigger_data: { decision: 'reject' } });
      await ended(handle);
    },
  },
  waits: {
    yaml: `
phases:
  - name: pausing
    execution_strategy: parallel
    tasks:
      - { name: clock, wait: { for_sec: 1 } }
      - { name: flag, wait: { when: variables.?go.orValue(false) } }
      - { name: say, task: Say }
  - name: after
    wait: { for_sec: 1 }
`,
    drive: async (handle) => {
      await send(handle, { task: 'say', trigger_data: { go: true } });
      await ended(handle);
    },
  },
  'waits-that-are-over': {
    yaml: `
phases:
  - { name: gone, wait: { until: '"2020-01-01T00:00:00Z"' } }
  - { name: each, wait: { for_sec: '\${variables.none}' }, foreach: variables.list, max_parallel: 2 }
  - { name: last, task: Last }
`,
    context: { list: [1, 2, 3], none: 0 },
    drive: async (handle) => {
      await untilStatus(handle, 'current_phase', 'last');
      await send(handle, {});
      await ended(handle);
    },
  },
  'numbers-from-variables': {
    yaml: `
phases:
  - name: each
    foreach: variables.list
    max_parallel: \${variables.width}
    join: \${variables.least}
    task: Do \${item}
    automation: \${variables.level}
  - name: wide
    execution_strategy: parallel
    max_visits: \${variables.width}
    join: \${variables.width - 1}
    tasks: [{ name: x, task: X }, { name: y, task: Y }]
    next: [{ when: 'trigger.?again.orValue(false)', goto: wide }]
`,
    context: { list: [1, 2, 3], width: 2, least: 2, level: 10 },
    drive: async (handle) => {
      await send(handle, { task: 'each#1/each[0]' }, { task: 'each#1/each[1]' });
      await send(handle, { task: 'x', trigger_data: { again: true } }, { task: 'y' });
      await ended(handle);
    },
  },
  timeouts: {
    yaml: `
phases:
  - name: slow
    task: Slow
    timeout_sec: 1
    on_timeout: late
  - name: late
    task: Late
    timeout_sec: 1
    retry: { max_attempts: 2, initial_interval_sec: 1 }
    on_failure: done
  - name: done
    task: Done
`,
    drive: async (handle) => {
      await untilStatus(handle, 'current_phase', 'done');
      await send(handle, {});
      await ended(handle);
    },
  },
  'pause-resume': {
    yaml: `
phases:
  - { name: a, task: A, timeout_sec: 60 }
  - { name: b, executor: { command: [node, --version] } }
  - { name: c, task: C }
`,
    drive: async (handle) => {
      await handle.executeUpdate('pause', { args: [{ reason: 'lunch' }] });
      await handle.signal('trigger_next_step', { trigger_id: 'kept' });
      await handle.signal('trigger_next_step', { task: 'nobody' });
      await handle.executeUpdate('resume', { args: [{}] });
      await untilStatus(handle, 'current_phase', 'c');
      await send(handle, {});
      await ended(handle);
    },
  },
  rewind: {
    yaml: 'phases: [{ name: a, task: A }, { name: b, task: B }, { name: c, task: C }]',
    drive: async (handle) => {
      await send(handle, { trigger_data: { x: 1 } }, {});
      await handle.executeUpdate('rewind', {
        args: [{ phase: 'a', variables: { x: 2 }, guidance: 'Again' }],
      });
      await send(handle, {}, {}, {});
      await ended(handle);
    },
  },
  compensation: {
    yaml: `
finally: cleanup
phases:
  - name: book
    tasks:
      - { name: hotel, task: Hotel, compensate: { command: [node, --version] } }
      - { name: flight, task: Flight, compensate: { command: [node, -e, "process.exit(1)"] } }
  - { name: pay, task: Pay }
  - { name: cleanup, executor: { command: [node, --version] } }
`,
    drive: async (handle) => {
      await send(handle, { task: 'hotel' }, { task: 'flight' });
      await send(handle, { outcome: 'failed', error: { type: 'NoMoney', message: 'The card was refused' } });
      await ended(handle);
    },
  },
  cancel: {
    yaml: `
phases:
  - name: run
    executor: { command: [node, -e, "setTimeout(() => {}, 60000)"] }
    compensate: { command: [node, --version] }
`,
    drive: async (handle) => {
      await untilStatus(handle, 'waiting_for', 'executor');
      await handle.cancel();
      await ended(handle);
    },
  },
  'goto-cancel': {
    yaml: `
phases:
  - { name: a, task: A, next: [{ when: trigger.stop, goto: cancel, reason: "Not now" }] }
  - { name: b, task: B }
`,
    drive: async (handle) => {
      await send(handle, { trigger_data: { stop: true } });
      await ended(handle);
    },
  },
  'failing-and-retried': {
    yaml: `
phases:
  - { name: a, task: A }
  - { name: b, outputs: { n: variables.missing + 1 }, tasks: [{ name: x, task: X, outputs: { missing: result.n } }] }
`,
    drive: async (handle, engine) => {
      await send(handle, {}, { task: 'x', outcome: 'failed', error: { type: 'Broken', message: 'no' } });
      await ended(handle);
      await engine.retry(handle.workflowId, { guidance: 'Again' });
      await engine.triggerNextStep(handle.workflowId, { task: 'x', trigger_data: { n: 1 } });
      await engine.getResult(handle.workflowId);
    },
  },
  repairs: {
    yaml: `
on_quota_exceeded: pause
phases:
  - { name: deploy, task: Deploy, on_failure: repair, next: each }
  - { name: repair, task: "Repair: \${error.message}", next: deploy }
  - { name: each, task: "Do \${item}", foreach: "[1, 2]", max_parallel: 1 }
  - { name: brief, task: Brief, timeout_sec: "\${variables.?patience.orValue(0)}", on_timeout: last }
  - { name: last, task: Last, outputs: { skipped: "size(tasks.last.status)" } }
`,
    drive: async (handle) => {
      await handle.executeUpdate('extend_quota', { args: [{ max_tokens: 10 }] });
      await send(handle, { outcome: 'failed' });
      await handle.executeUpdate('rewind', { args: [{ phase: 'repair' }] });
      await send(handle, {}, {}, { task: 'each#1/each[0]', usage: { tokens: 20 } });
      await handle.executeUpdate('pause', { args: [{ reason: 'hands off' }] });
      await handle.executeUpdate('extend_quota', { args: [{ max_tokens: 100 }] });
      await handle.executeUpdate('resume');
      await handle.signal('__temporal_unknown', {});
      await send(handle, { task: 'each#1/each[1]' }, {});
      await ended(handle);
    },
  },
  'bad-input': {
    yaml: 'phases: [{ name: a, task: A }]',
    drive: async (handle) => {
      await handle.signal('frobnicate', 1, 2);
      await handle.signal('trigger_next_step');
      await handle.executeUpdate('claim_task', { args: [{ agent_id: 'ann', lease_sec: 60 }] });
      await send(handle, {}).catch(() => undefined);
      await handle.signal('trigger_next_step', {});
      await handle.executeUpdate('rewind', { args: [{ phase: 'a' }] });
      await send(handle, {});
      await ended(handle);
    },
  },
  'quota-reached': {
    yaml: 'on_quota_exceeded: pause\nphases: [{ name: a, task: A }, { name: b, task: B }]',
    drive: async (handle) => {
      await handle.executeUpdate('extend_quota', { args: [{ max_tokens: 10 }] });
      await send(handle, { usage: { tokens: 11 } });
      await handle.executeUpdate('extend_quota', { args: [{ max_tokens: 100 }] });
      await send(handle, {});
      await ended(handle);
    },
  },
  'continue-as-new': {
    yaml: `
phases:
  - name: standing
    execution_strategy: concurrent
    tasks: [{ name: soon, wait: { for_sec: 3 } }, { name: gate, approval: Go? }]
  - name: turn
    task: Turn
    next: [{ when: 'trigger.?last.orValue(false)', goto: end }, { goto: turn }]
`,
    drive: async (handle) => {
      const batch = Array.from({ length: 202 }, (_none, n) => ({ trigger_id: `T-${n}` }));
      await handle.signal('trigger_batch', batch);
      await send(handle, { trigger_id: 'T-201' }, { trigger_data: { last: true } });
      await send(handle, { task: 'standing#1/gate', trigger_data: { decision: 'approve' } });
      await ended(handle);
    },
  },
};
