/** What becomes of a command whose standard output nobody takes. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { PROJECT_ROOT, expectBuilt } from '../examples/built-project.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { CHATFLOW, cliEnvironment } from './run-chatflow.js';

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
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<unknown[]>;
  readonly stderr: () => string;
}

function run(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [CHATFLOW, ...args], {
    env,
    cwd: PROJECT_ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'close');
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await exited;
  });
  return { child, exited, stderr: () => stderr };
}

/** The first line of its output; nobody reads on. */
async function readOneLine({ child }: Running): Promise<void> {
  await once(createInterface({ input: child.stdout }), 'line');
  child.stdout.destroy();
}

function brokenDefinition(): string {
  const file = join(temporaryFolder(), 'broken.yaml');
  writeFileSync(file, 'name: broken\n');
  return file;
}

describe('that cannot be written', () => {
  test.each([['schema'], ['validate']])('%s says why in one line, and exits 1', async (name) => {
    const full = openSync('/dev/full', 'w');
    const args = name === 'validate' ? ['validate', brokenDefinition(), '--json'] : [name];
    const child = spawn(process.execPath, [CHATFLOW, ...args], { env, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(stderr).toMatch(/^OutputError: standard output can't be written \(.*ENOSPC.*\)\n$/);
  });
});

describe('whose reader has gone', () => {
  test.each([
    ['an invalid definition', 5, () => ['validate', brokenDefinition()]],
    ['a missing one', 3, () => ['start', 'no-such.yaml', '--json']],
    ['an unknown instance', 3, () => ['status', 'wfi_000000000000', '--json']],
    ['success', 0, () => ['schema']],
  ])('the exit code is the command’s own: %s, %i', async (_name, code, args) => {
    const running = run(...args());
    running.child.stdout.destroy();
    expect((await running.exited)[0]).toBe(code);
  });

  test('watch ends when it has something to say', async () => {
    const schema = { name: 'watched', version: '1.0', phases: [{ name: 'one' }, { name: 'two' }] };
    const id = (await setup.engine.startWorkflowInstance({ schema })).instance_id ?? '';
    const running = run('watch', id);
    await readOneLine(running);
    await setup.engine.triggerNextStep(id);
    expect((await running.exited)[0]).toBe(0);
    expect(running.stderr()).toBe('');
  });

  test('up goes on until it is told to end', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const running = run('up', '--json', '--port', '0', '--no-ui', '--data-dir', dataDir);
    await readOneLine(running);
    running.child.kill('SIGTERM');
    expect((await running.exited)[0]).toBe(0);
  });
});
