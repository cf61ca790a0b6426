/** Executors as they really run: a plain worker's activity, an HTTP server, a program. */
import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorker } from '../../worker.js';
import { createLogger } from '../../src/platform/logging.js';
import {
  createTestNamespace,
  getTestServer,
  startTestWorker,
  uniqueTaskQueue,
} from '../support/temporal-server.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { openTestBed, typesOf, type TestBed } from './test-bed.js';

const SECRET = 'hunter2-and-more';
const PLAIN_QUEUE = uniqueTaskQueue('plain');

let bed: TestBed;
let stopPlain: () => Promise<void>;
let server: Server;
let base = '';
/** What the server was asked for, and with which authorization. */
const asked: { readonly path: string; readonly authorization: string | undefined; readonly body: string }[] =
  [];
const calls = { flaky: 0 };
const cancelled: string[] = [];

/** Activities as a team would write them, on a worker of their own. */
const activities = {
  add: async ({ a, b }: { a: number; b: number }) => ({ sum: a + b }),
  flaky: async () => {
    calls.flaky += 1;
    if (calls.flaky < 3) throw ApplicationFailure.create({ type: 'HttpBusy', message: 'Busy' });
    return { calls: calls.flaky };
  },
  stubborn: async ({ id }: { id: string }) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    try {
      await context.cancelled;
    } catch (error) {
      if (error instanceof CancelledFailure) cancelled.push(id);
      throw error;
    } finally {
      clearInterval(beat);
    }
  },
  brief: async ({ id }: { id: number }) => ({ id }),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization } = request.headers;
      asked.push({ path: request.url ?? '', authorization, body: Buffer.concat(chunks).toString() });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ seen: authorization, ok: true }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  bed = await openTestBed({
    env: { CHATFLOW_COMMANDS: '{"allow": ["node"]}', CHATFLOW_HTTP: '{"allow_private": true}' },
    secrets: { API_TOKEN: SECRET },
  });
  ({ stop: stopPlain } = await startTestWorker({
    namespace: bed.namespace,
    taskQueue: PLAIN_QUEUE,
    activities,
  }));
});

afterAll(async () => {
  await stopPlain?.();
  await bed?.stop();
  server?.close();
});

const activity = (name: string, rest: string): string =>
  `{ activity: ${name}, task_queue: ${PLAIN_QUEUE}, ${rest} }`;

describe('an activity of another worker', () => {
  test('gets its input rendered, and its result is what outputs see', async () => {
    const handle = await bed.start(
      `
phases:
  - name: sum
    executor: ${activity('add', 'input: { a: "${variables.a}", b: 2 }')}
    outputs: { total: trigger.sum }
`,
      { initial_context: { a: 40 } },
    );
    expect(await handle.result()).toEqual({ a: 40, total: 42 });
  });

  test('that fails is tried again as the definition says, which shows in its attempts', async () => {
    const handle = await bed.start(`
phases:
  - name: call
    executor: ${activity('flaky', 'input: {}')}
    retry: { max_attempts: 3, initial_interval_sec: 0.1, errors: ["Http*"] }
    outputs: { calls: trigger.calls }
  - name: look
    task: Look
`);
    await expect
      .poll(() => handle.query('get_workflow_status_info'), { timeout: 20_000 })
      .toMatchObject({ current_phase: 'look' });
    const state = await bed.engine.getWorkflowState(handle.workflowId);
    expect(state.variables).toEqual({ calls: 3 });
    expect(state.tasks.find((task) => task.name === 'call')).toMatchObject({
      attempts: 3,
      status: 'completed',
    });
    const { events } = await handle.fetchHistory();
    const scheduled = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
    expect(scheduled.filter(({ activityType }) => activityType?.name === 'flaky')).toHaveLength(3);
  });

  test('is cancelled when the instance is, and hears of it', async () => {
    const handle = await bed.start(`
phases:
  - name: run
    executor: ${activity('stubborn', 'input: { id: "${instance.id}" }')}
    heartbeat_sec: 2
`);
    await expect
      .poll(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastHeartbeatTime ?? null)
      .not.toBeNull();
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await expect.poll(() => cancelled, { timeout: 10_000 }).toContain(handle.workflowId);
  });

  test('that takes too long times out, and the phase goes where on_timeout says', async () => {
    const handle = await bed.start(`
phases:
  - name: run
    executor: ${activity('stubborn', 'input: { id: late }')}
    heartbeat_sec: 2
    timeout_sec: 1
    on_timeout: late
  - name: late
    outputs: { why: error.type }
    tasks: []
`);
    expect(await handle.result()).toEqual({ why: 'TimeoutError' });
    await expect.poll(() => cancelled, { timeout: 10_000 }).toContain('late');
  });

  test('is never lost where continue-as-new comes while a list of them runs', async () => {
    const numbers = Array.from({ length: 400 }, (_none, n) => n);
    const handle = await bed.start(
      `
result: { ids: variables.ids }
phases:
  - name: each
    foreach: variables.numbers
    max_parallel: 10
    executor: ${activity('brief', 'input: { id: "${item}" }')}
    outputs: { ids: 'tasks.each.map(t, t.output.id)' }
`,
      { initial_context: { numbers } },
    );
    expect(await handle.result()).toEqual({ ids: numbers });
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    const events = await bed.engine.getHistory(handle.workflowId);
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    await expectNoTaskFailed(handle);
  });
});

describe('an HTTP call', () => {
  test('carries a secret that stands in no history', async () => {
    const handle = await bed.start(
      `
phases:
  - name: call
    executor:
      http:
        method: POST
        url: "${base}/items"
        headers: { authorization: "Bearer \${secret:API_TOKEN}" }
        body: { topic: "\${variables.topic}" }
    outputs: { answer: trigger }
`,
      { initial_context: { topic: 'durability' } },
    );
    const result = JSON.stringify(await handle.result());
    expect(asked).toContainEqual({
      path: '/items',
      authorization: `Bearer ${SECRET}`,
      body: '{"topic":"durability"}',
    });
    const { events } = await handle.fetchHistory();
    const bytes = (events ?? []).map((event) => payloadText(event)).join('\n');
    expect(bytes).toContain('API_TOKEN');
    expect(bytes).not.toContain(SECRET);
    expect(result).not.toContain(SECRET);
    expect(JSON.stringify(await bed.engine.getHistory(handle.workflowId))).not.toContain(SECRET);
    expect(JSON.stringify(await bed.engine.getWorkflowState(handle.workflowId))).not.toContain(SECRET);
  });
});

/** An event with its payloads as text: their bytes stand in its JSON in base64. */
function payloadText(event: unknown): string {
  return JSON.stringify(event, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value,
  );
}

describe('a program', () => {
  test('runs where the configuration allows it', async () => {
    const handle = await bed.start(
      `
phases:
  - name: run
    executor: { command: [node, -e, "console.log(process.argv[1])", "\${variables.word}"] }
    outputs: { said: trigger.stdout }
`,
      { initial_context: { word: '$(id); `id`' } },
    );
    expect(await handle.result()).toMatchObject({ said: '$(id); `id`\n' });
  });

  test('that the configuration does not allow fails its task with FeatureDisabledError', async () => {
    const handle = await bed.start(`
phases:
  - name: run
    executor: { command: [sh, -c, id] }
    on_failure: [{ errors: [FeatureDisabledError], goto: told, outputs: { why: error.message } }]
  - { name: told, outputs: { told: 'true' }, tasks: [] }
`);
    const result = (await handle.result()) as { why: string };
    expect(result.why).toContain('sh');
    expect(typesOf(await bed.engine.getHistory(handle.workflowId))).toContain('task_failed');
  });
});

test('a worker in a namespace without search attributes refuses to start and names the way out', async () => {
  const namespace = await createTestNamespace({ searchAttributes: false });
  const { address } = getTestServer();
  const starting = startWorker({
    config: bed.config,
    log: createLogger({ level: 'error' }),
    temporal: { address, namespace },
  });
  await expect(starting).rejects.toMatchObject({ type: 'SearchAttributesMissingError' });
  await expect(starting).rejects.toThrow(/chatflow init/);
});
