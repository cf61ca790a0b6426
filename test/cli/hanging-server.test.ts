/** Commands against a server that takes connections and never answers, as one does that was stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { PROJECT_ROOT, expectBuilt } from '../examples/built-project.js';
import { fakeIo } from './fake-io.js';
import { CHATFLOW } from './run-chatflow.js';

const dependencies: CliDependencies = {
  version: '0.0.0',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};
const ID = 'wfi_0123456789ab';

let server: Server;
let sockets: Set<Socket>;

beforeEach(async () => {
  expectBuilt();
  sockets = new Set();
  server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  vi.stubEnv('TEMPORAL_ADDRESS', `127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('list ends with 6, and so do those that show a terminal meanwhile that they go on', async () => {
  const ends = async (label: string, ...argv: readonly string[]): Promise<void> => {
    const io = fakeIo({ isTTY: true });
    expect(await runCli(argv, io, dependencies)).toBe(6);
    expect(io.err()).toContain(`${label} 1 s`);
    expect(io.err()).toContain('TemporalUnavailableError');
  };
  await Promise.all([
    ends('listing', 'list'),
    ends('asking', 'watch', ID),
    ends('asking', 'history', ID, '--follow'),
    ends('connecting', 'init'),
  ]);
});

test.each([
  ['watch', 'SIGINT', 130],
  ['watch', 'SIGTERM', 143],
  ['history --follow', 'SIGINT', 0],
] as const)('%s obeys %s at once, while it waits for an answer', async (words, signal, code) => {
  const [name = '', ...options] = words.split(' ');
  const connected = once(server, 'connection');
  const child = spawn(process.execPath, [CHATFLOW, name, ID, ...options], {
    cwd: PROJECT_ROOT,
    env: process.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'close');
  await connected;
  const sentAt = performance.now();
  child.kill(signal);
  expect((await exited)[0]).toBe(code);
  // Without, the query's own deadline of ten seconds would have ended it, with an error.
  expect(performance.now() - sentAt).toBeLessThan(8000);
  expect(stderr).toBe('');
});
