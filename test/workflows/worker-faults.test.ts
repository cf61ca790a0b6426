/** A worker that is killed again and again, as it is shipped: nothing lost, nothing doubled, all in order. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { init, type ChatFlow } from '../../src/client/index.js';
import { ChatFlowError } from '../../src/core/errors.js';
import type { Json } from '../../src/json/json.js';
import { loadConfig } from '../../src/platform/config.js';
import { createTestNamespace, getTestServer, testServerEnvironment } from '../support/temporal-server.js';

const FLOW = `
name: counting
version: "1"
result: { seen: variables.seen }
phases:
  - name: turn
    task: Turn
    outputs: { seen: 'variables.seen + [trigger.n]' }
    next: [{ when: trigger.last, goto: end }, { goto: turn }]
`;

const INSTANCES = 20;
const LEAST_TRIGGERS = 10;
const KILLS = 4;
/** How long a worker lives once it polls. */
const LIFE_MS = 2000;

const program = fileURLToPath(new URL('../../bin/chatflow.js', import.meta.url));

/** Starts `chatflow worker`; resolves when it polls. */
async function startWorkerProcess(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'worker', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Sends until it is acknowledged: nobody there, or no answer in time, says nothing about whether it was applied. */
async function sendUntilAcknowledged(engine: ChatFlow, id: string, n: number, last: boolean): Promise<void> {
  try {
    await engine.triggerNextStep(id, { trigger_id: `${id}-${n}`, trigger_data: { n, last } });
  } catch (error) {
    const isTransient =
      error instanceof ChatFlowError && ['WorkerUnavailableError', 'TimeoutError'].includes(error.type);
    if (!isTransient) throw error;
    await sendUntilAcknowledged(engine, id, n, last);
  }
}

/** Drives one instance until the kills are over; resolves with what it returned and how many were acknowledged. */
async function drive(engine: ChatFlow, isOver: () => boolean): Promise<{ result: Json; sent: number }> {
  const { instance_id } = await engine.startWorkflowInstance({
    schema: FLOW,
    initial_context: { seen: [] },
  });
  const id = instance_id ?? '';
  let n = 0;
  for (; n < LEAST_TRIGGERS || !isOver(); n += 1) {
    await sendUntilAcknowledged(engine, id, n, false);
    await delay(100);
  }
  await sendUntilAcknowledged(engine, id, n, true);
  return { result: await engine.getResult(id), sent: n + 1 };
}

test(
  'a worker killed in the middle of the work loses no trigger and applies none twice',
  { timeout: 120_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'chatflow-test-faults-'));
    const namespace = await createTestNamespace();
    const env = {
      ...testServerEnvironment(),
      TEMPORAL_NAMESPACE: namespace,
      CHATFLOW_DATA_DIR: dataDir,
    };
    const config = loadConfig({ cwd: dataDir, env: { CHATFLOW_DATA_DIR: dataDir } });
    const engine = await init({ address: getTestServer().address, namespace, config });
    let worker = await startWorkerProcess(env);
    let kills = 0;
    try {
      const driven = Array.from({ length: INSTANCES }, () => drive(engine, () => kills >= KILLS));
      while (kills < KILLS) {
        await delay(LIFE_MS);
        await kill(worker);
        worker = await startWorkerProcess(env);
        kills += 1;
      }
      for (const { result, sent } of await Promise.all(driven))
        expect(result).toEqual({ seen: Array.from({ length: sent }, (_none, n) => n) });
    } finally {
      await kill(worker);
      await engine.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
);
