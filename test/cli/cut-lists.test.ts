/** A list that its limit has cut says so. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { expectBuilt } from '../examples/built-project.js';
import { cliEnvironment, runChatflow } from './run-chatflow.js';

let setup: TestEngine;

beforeAll(async () => {
  expectBuilt();
  setup = await startEngine();
  const schema = { name: 'waits', version: '1.0', phases: [{ name: 'one', task: 'Do it' }] };
  for (let count = 0; count < 3; count++) await setup.engine.startWorkflowInstance({ schema });
  const inIndex = async () => expect(await setup.engine.countInstances({ waiting_for: 'agent' })).toBe(3);
  await vi.waitFor(inIndex, { timeout: 15_000, interval: 100 });
});

afterAll(async () => {
  await setup?.stop();
});

test.each([
  [['tasks', '--limit', '1'], 1, '2 more instances wait; --limit shows more.\n'],
  [['tasks', '--limit', '2', '--waiting-for', 'agent'], 2, '1 more instances wait; --limit shows more.\n'],
  [['tasks'], 3, ''],
  [['list', '--limit', '2'], 2, 'There are more; --limit shows more.\n'],
  [['list', '--limit', '3'], 3, ''],
])('%j shows %i and says %j', async (args, rows, note) => {
  const { code, stdout, stderr } = await runChatflow(args, { env: cliEnvironment(setup) });
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n').slice(1)).toHaveLength(rows);
  expect(stderr).toBe(note);
});
