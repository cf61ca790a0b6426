/** The README as a newcomer reads it: its files are written, its server is started, its commands are run, in order. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
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

/** Runs a script as a reader would type it; a failure shows all that was printed. */
async function run(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd: folder, env })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} failed\n${String(stdout)}\n${String(stderr)}`, { cause: error });
  }
}

// The first npx in a checkout links it into npm's cache, which builds once more.
it(
  'runs from the first command to the last, and the instance is where the text says',
  { timeout: 400_000 },
  async () => {
    const commands = marked('run');
    expect(commands.length).toBeGreaterThan(4);
    const script = ['set -euo pipefail', ...commands, 'echo "ID=$ID"'].join('\n');
    const output = await run('bash', ['-c', script]);
    expect(output).toContain('completed'); // of run-flow.mjs
    const id = /^ID=(wfi_[0-9a-f]{12})$/m.exec(output)?.[1] ?? '';
    expect(await readState(id)).toMatchObject({
      current_phase: 'publish',
      waiting_for: 'agent',
      variables: { text: 'It forgets nothing.', remarks: 'Shorter.' },
    });
    if (await hasPythonClient()) {
      expect(await run(PYTHON, ['agent.py', id])).toContain('now: completed');
      expect(await readState(id)).toMatchObject({ result: { text: 'It forgets nothing.' } });
    }
  },
);

/** A Python with `temporalio`, which a machine that only builds this project need not have. */
const PYTHON = process.env['CHATFLOW_TEST_PYTHON'] ?? 'python3';

async function hasPythonClient(): Promise<boolean> {
  return promisify(execFile)(PYTHON, ['-c', 'import temporalio']).then(
    () => true,
    () => false,
  );
}

async function readState(id: string): Promise<unknown> {
  const chatflow = join(PROJECT_ROOT, 'bin/chatflow.js');
  return JSON.parse(await run(process.execPath, [chatflow, 'status', id, '--full', '--json']));
}
