import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { PROJECT_ROOT, expectBuilt } from '../examples/built-project.js';
import { createTestNamespace } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { CHATFLOW, cliEnvironment, runChatflow } from './run-chatflow.js';

let setup: TestEngine;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  expectBuilt();
  setup = await startEngine();
  env = cliEnvironment(setup);
});

afterAll(async () => {
  await setup?.stop();
});

interface Running {
  /** The first line of standard output, as JSON. */
  readonly ready: Promise<Record<string, unknown>>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  readonly stderr: () => string;
}

/** Starts a command that runs until it is ended; what still runs when the test has finished is killed. */
function startChatflow(args: readonly string[], environment: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, [CHATFLOW, ...args], {
    env: environment,
    cwd: PROJECT_ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface({ input: child.stdout });
  const ready = Promise.race([
    once(lines, 'line').then(([line]) => JSON.parse(String(line)) as Record<string, unknown>),
    exited.then((code) => Promise.reject(new Error(`ended with ${code}: ${stderr}`))),
  ]);
  return {
    ready,
    stderr: () => stderr,
    end: async (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

/** Whether anybody listens there. */
async function isListening(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  const socket = createConnection({ host, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('the program', () => {
  test('exits with the code of the error, one line on stderr, no colours in a pipe', async () => {
    const missing = await runChatflow(['status', 'wfi_000000000000'], { env: { ...env, NO_COLOR: '' } });
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    expect(missing.stderr).toMatch(/^InstanceNotFoundError: [^\n]+\n$/);
    const misspelt = await runChatflow(['stauts'], { env });
    expect(misspelt).toMatchObject({ code: 2, stdout: '' });
    expect(misspelt.stderr).toContain('Did you mean status?');
  });

  test('answers a definition from standard input in JSON', async () => {
    const stdin = 'name: piped\nversion: "1.0"\nphases: [{ name: only }]\n';
    const started = await runChatflow(['start', '-', '--json'], { env, stdin });
    expect(started.json()).toMatchObject({ workflow_name: 'piped', current_phase: 'only' });
    expect(started.code).toBe(0);
  });

  test('loads nothing of Temporal for its help', async () => {
    const tracing = { ...env, NODE_DEBUG: 'module' };
    const help = await runChatflow(['start', '--help'], { env: tracing });
    expect(help.stdout).toContain('--automation-level');
    expect(help.stderr).not.toContain('@temporalio');
    const missing = await runChatflow(['status', 'wfi_000000000000'], { env: tracing });
    expect(missing.stderr).toContain('@temporalio/client');
    expect(missing.stderr).not.toContain('@temporalio/worker');
  });

  test('ends quietly where its reader has read enough', async () => {
    const script = `set -o pipefail; "${process.execPath}" "${CHATFLOW}" schema | head -1`;
    const child = spawn('bash', ['-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(stderr).toBe('');
  });
});

describe('chatflow worker', () => {
  test('works for its namespace until SIGTERM, and ends with 0', async () => {
    const namespace = await createTestNamespace();
    const running = startChatflow(['worker', '--json'], { ...env, TEMPORAL_NAMESPACE: namespace });
    expect(await running.ready).toMatchObject({ namespace, temporal_address: env['TEMPORAL_ADDRESS'] });
    const client = await setup.open({ namespace });
    const schema = { name: 'a', version: '1.0', phases: [{ name: 'b' }] };
    const { instance_id: id } = await client.startWorkflowInstance({ schema });
    expect(await client.triggerNextStep(id ?? '')).toMatchObject({ status: 'completed' });
    expect(await running.end('SIGTERM')).toBe(0);
  });

  test('without search attributes ends with 6 and names the command that registers them', async () => {
    const namespace = await createTestNamespace({ searchAttributes: false });
    const refused = await runChatflow(['worker'], { env: { ...env, TEMPORAL_NAMESPACE: namespace } });
    expect(refused).toMatchObject({ code: 6, stdout: '' });
    expect(refused.stderr).toContain('SearchAttributesMissingError');
    expect(refused.stderr).toContain('chatflow init');
  });
});

test('chatflow worker in a namespace that does not exist ends with 6 and says how to get one', async () => {
  const refused = await runChatflow(['worker'], { env: { ...env, TEMPORAL_NAMESPACE: 'no-such-namespace' } });
  expect(refused).toMatchObject({ code: 6, stdout: '' });
  expect(refused.stderr).toMatch(/^TemporalUnavailableError: .*namespace create no-such-namespace/);
});

describe('chatflow up', () => {
  test('brings everything, keeps it over a restart, and ends all of it', { timeout: 180_000 }, async () => {
    const folder = temporaryFolder();
    const args = ['up', '--json', '--port', '0', '--no-ui', '--data-dir', join(folder, 'data')];
    const first = startChatflow(args, env);
    const ready = await first.ready;
    const address = String(ready['temporal_address']);
    expect(ready).toEqual({
      temporal_address: address,
      namespace: 'default',
      temporal_ui_url: null,
      api_url: null,
      console_url: null,
      data_dir: join(folder, 'data'),
    });
    const here = { ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' };
    const stdin = 'name: kept\nversion: "1.0"\nphases: [{ name: one }, { name: two }]\n';
    const started = await runChatflow(['start', '-', '--json'], { env: here, stdin });
    const id = String(started.json()['instance_id']);
    expect((await runChatflow(['trigger', id], { env: here })).code).toBe(0);

    const second = await runChatflow(args, { env });
    expect(second).toMatchObject({ code: 1 });
    expect(second.stderr).toContain('DataDirectoryInUseError');
    const port = address.split(':')[1] ?? '';
    const taken = await runChatflow(['up', '--port', port, '--no-ui', '--data-dir', join(folder, 'other')], {
      env,
    });
    expect(taken).toMatchObject({ code: 6 });
    expect(taken.stderr).toContain('AddressInUseError');

    expect(await first.end('SIGINT')).toBe(0);
    expect(await isListening(address)).toBe(false);
    const again = startChatflow(args, env);
    const there = { ...here, TEMPORAL_ADDRESS: String((await again.ready)['temporal_address']) };
    const status = await runChatflow(['status', id, '--json'], { env: there });
    expect(status.json()).toMatchObject({ instance_id: id, current_phase: 'two' });
    expect(await again.end('SIGTERM')).toBe(0);
  });

  test('says where everything is, and how other terminals find it', { timeout: 90_000 }, async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const child = spawn(process.execPath, [CHATFLOW, 'up', '--port', '0', '--data-dir', dataDir], {
      env,
      cwd: PROJECT_ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const exited = once(child, 'exit');
    await Promise.race([waitUntil(() => err.includes('Ready')), exited]);
    expect(out).toMatch(/Temporal +127\.0\.0\.1:\d+, namespace default/);
    expect(out).toMatch(/Web UI +http:\/\/127\.0\.0\.1:\d+/);
    expect(out).toContain(`export CHATFLOW_DATA_DIR=${dataDir}`);
    expect(out).toMatch(/export TEMPORAL_ADDRESS=127\.0\.0\.1:\d+/);
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
  });
});

/** Starts `up` on a data directory of its own and waits until its server's process is there, long before it is ready. */
async function startUpEarly(...more: readonly string[]) {
  const dataDir = join(temporaryFolder(), 'data');
  const args = ['up', '--json', '--port', '0', '--no-ui', '--data-dir', dataDir, ...more];
  const child = spawn(process.execPath, [CHATFLOW, ...args], { env, cwd: PROJECT_ROOT, stdio: 'pipe' });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, dataDir, out: () => out, exited: once(child, 'exit') };
}

/** Processes whose command line names the folder, as those of the server do. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

describe('chatflow up that is told to end', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('by %s before it is ready ends all it has started, with %i', async (signal, code) => {
    const { child, dataDir, out, exited } = await startUpEarly();
    await waitUntil(() => existsSync(join(dataDir, 'temporal-server.log')));
    child.kill(signal);
    expect((await exited)[0]).toBe(code);
    expect(out()).toBe('');
    expect(processesOf(dataDir)).toEqual([]);
    expect(readdirSync(join(dataDir, 'locks'))).toEqual([]);
  });

  test('by the end of its standard input, with --end-with-stdin', async () => {
    const { child, dataDir, out, exited } = await startUpEarly('--end-with-stdin');
    await waitUntil(() => out().includes('temporal_address'));
    child.stdin.destroy();
    expect((await exited)[0]).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  });
});

async function waitUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(50);
}
