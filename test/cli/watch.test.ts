/** How `watch` ends: its exit code says what became of the instance. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { PROJECT_ROOT, expectBuilt } from '../examples/built-project.js';
import { CHATFLOW, cliEnvironment, runChatflow } from './run-chatflow.js';

const schema = { name: 'watched', version: '1.0', phases: [{ name: 'one' }] };

let setup: TestEngine;

beforeAll(async () => {
  expectBuilt();
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

async function start(): Promise<string> {
  return (await setup.engine.startWorkflowInstance({ schema })).instance_id ?? '';
}

test.each([
  ['completed', 0, (id: string) => setup.engine.triggerNextStep(id)],
  ['failed', 1, (id: string) => setup.engine.triggerNextStep(id, { outcome: 'failed' })],
  ['cancelled', 1, (id: string) => setup.engine.cancelWorkflowTree(id)],
  ['terminated', 1, (id: string) => setup.engine.terminateWorkflowTree(id)],
])('an instance that ended as %s: exit code %i, and its last line says so', async (status, code, end) => {
  const id = await start();
  await end(id);
  const watched = await runChatflow(['watch', id], { env: cliEnvironment(setup) });
  expect(watched).toMatchObject({ code, stderr: '' });
  expect(watched.stdout.trim().split('\n').at(-1)).toContain(` ${status} `);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while the instance is open: exit code %i', async (signal, code) => {
  const id = await start();
  const child = spawn(process.execPath, [CHATFLOW, 'watch', id], {
    cwd: PROJECT_ROOT,
    env: cliEnvironment(setup),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const exited = once(child, 'exit');
  await once(createInterface({ input: child.stdout }), 'line');
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
});
