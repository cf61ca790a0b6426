/** The README as a newcomer reads it: its files are written, its server is started, its commands are run, in order. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { choosePorts } from '../../examples/repository-audit/demo/choose-ports.js';
import { PROJECT_ROOT, expectBuilt } from './built-project.js';
import { readMarkdownBlocks } from './markdown-blocks.js';

const blocks = readMarkdownBlocks(await readFile(join(PROJECT_ROOT, 'README.md'), 'utf8'));
const marked = (mark: string): readonly string[] =>
  blocks.filter((block) => block.mark === mark).map((block) => block.text.trim());

let folder: string;
let up: ChildProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  expectBuilt();
  // Inside the checkout, as the README says: `npx chatflow` and `import 'chatflow'` resolve there.
  await mkdir(join(PROJECT_ROOT, '.chatflow'), { recursive: true });
  folder = await mkdtemp(join(PROJECT_ROOT, '.chatflow', 'readme-'));
  for (const { mark, text } of blocks) {
    if (mark.startsWith('file: ')) await writeFile(join(folder, mark.slice('file: '.length)), text);
  }
  env = {
    ...process.env,
    PATH: `${dirname(inject('temporalBinary'))}:${process.env['PATH'] ?? ''}`,
    CHATFLOW_DATA_DIR: join(folder, 'data'),
    CHATFLOW_TEMPORAL_BINARY: inject('temporalBinary'),
  };
  const address = await startServer();
  env = { ...env, TEMPORAL_ADDRESS: address };
});

afterAll(async () => {
  up.kill('SIGTERM');
  if (up.exitCode === null) await new Promise((done) => up.once('exit', done));
  await rm(folder, { recursive: true, force: true });
});

/** The README's own command, on a port of the test's. */
async function startServer(): Promise<string> {
  const [command = ''] = marked('server');
  expect(command).toBe('npx chatflow up');
  const { port } = await choosePorts(17_233);
  const args = ['up', '--json', '--data-dir', join(folder, 'data'), '--port', String(port)];
  up = spawn(process.execPath, [join(PROJECT_ROOT, 'bin/chatflow.js'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (up.stdout === null) throw new Error('no output');
  const lines = createInterface({ input: up.stdout });
  const line = await new Promise<string>((done, fail) => {
    lines.once('line', done);
    up.once('exit', (code) => {
      fail(new Error(`chatflow up ended with ${String(code)}`));
    });
  });
  return (JSON.parse(line) as { temporal_address: string }).temporal_address;
}

it('runs from the first command to the last, and the instance ends as the text says', () => {
  const commands = marked('run');
  expect(commands.length).toBeGreaterThan(4);
  const script = ['set -euo pipefail', ...commands, 'echo "ID=$ID"'].join('\n');
  const output = execFileSync('bash', ['-c', script], { cwd: folder, env, encoding: 'utf8' });
  expect(output).toContain('completed'); // of run-flow.mjs
  const id = /^ID=(wfi_[0-9a-f]{12})$/m.exec(output)?.[1];
  const chatflow = join(PROJECT_ROOT, 'bin/chatflow.js');
  const state = JSON.parse(
    execFileSync(process.execPath, [chatflow, 'status', String(id), '--full', '--json'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    }),
  ) as unknown;
  expect(state).toMatchObject({
    current_phase: 'publish',
    waiting_for: 'agent',
    variables: { text: 'It forgets nothing.', remarks: 'Shorter.' },
  });
});
