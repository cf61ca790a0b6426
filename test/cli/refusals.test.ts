/** Refusals: their exit code is 1, and the way out that they name exists. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { COMMANDS } from '../../src/surfaces/cli/commands.js';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { expectBuilt } from '../examples/built-project.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { cliEnvironment, runChatflow } from './run-chatflow.js';

const schema = { name: 'short', version: '1.0', phases: [{ name: 'one' }] };

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

async function start(): Promise<string> {
  return (await setup.engine.startWorkflowInstance({ schema })).instance_id ?? '';
}

describe('retry', () => {
  test('of a running instance is refused with 1', async () => {
    const { code, stdout, stderr } = await runChatflow(['retry', await start()], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^InvalidInputError: Only a failed instance can be retried, this one is /);
    const named = [...stderr.matchAll(/"chatflow (\w+)/g)].map(([, name]) => name);
    expect(named).toEqual(['rewind']);
    expect(COMMANDS.map(({ name }) => name)).toContain('rewind');
  });

  test('of a completed one too, and --json says so as a document', async () => {
    const id = await start();
    await setup.engine.triggerNextStep(id);
    await setup.engine.getResult(id);
    const refused = await runChatflow(['retry', id, '--json'], { env });
    expect(refused.code).toBe(1);
    expect(refused.json()).toMatchObject({ error: { details: { status: 'completed' } } });
  });

  test('with a quota that is none is still invalid input', async () => {
    const args = ['retry', await start(), '--quota', '[]'];
    expect((await runChatflow(args, { env })).code).toBe(5);
  });
});

test('up on a port of the Web UI that is taken advises another --ui-port', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
  });
  const port = String((server.address() as AddressInfo).port);
  const dataDir = join(temporaryFolder(), 'data');
  const args = ['up', '--port', '0', '--ui-port', port, '--data-dir', dataDir];
  const { code, stderr } = await runChatflow(args, { env });
  expect(code).toBe(6);
  expect(stderr).toMatch(/^AddressInUseError: .*choose another with --ui-port,/);
});

test('what nobody has saved, and an unknown instance: where was looked, and how to look elsewhere', async () => {
  const env2 = { ...env, CHATFLOW_DATA_DIR: join(temporaryFolder(), 'elsewhere') };
  for (const args of [
    ['artifacts', await start(), '--phase', 'one'],
    ['status', 'wfi_000000000000'],
    ['history', 'wfi_000000000000'],
  ]) {
    const { code, stderr } = await runChatflow(args, { env: env2 });
    expect(code).toBe(3);
    expect(stderr).toContain(join(env2.CHATFLOW_DATA_DIR, 'artifacts'));
    expect(stderr).toContain('set CHATFLOW_DATA_DIR');
  }
});

test('doctor names the data directory that it looks at', async () => {
  const { stdout } = await runChatflow(['doctor'], { env });
  expect(stdout).toContain(`data directory: ${setup.config.data_dir}`);
});
