/** A server that takes connections and never answers. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { init } from '../../src/client/index.js';
import type { ChatFlow } from '../../src/client/index.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';

const DEADLINE_MS = 500;
const HOUR_MS = 3_600_000;

const sockets = new Set<Socket>();
let server: Server;
let address: string;
const opened: ChatFlow[] = [];

beforeEach(async () => {
  server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((engine) => engine.close()));
  for (const socket of sockets) socket.destroy();
  server.close();
});

async function open(deadline_ms: number): Promise<ChatFlow> {
  const engine = await init({ address, namespace: 'default', deadline_ms });
  opened.push(engine);
  return engine;
}

test.each([
  ['listInstances', (engine: ChatFlow) => engine.listInstances()],
  ['listInstances with a limit', (engine: ChatFlow) => engine.listInstances({ limit: 5 })],
  ['countInstances', (engine: ChatFlow) => engine.countInstances()],
  ['listTasks', (engine: ChatFlow) => engine.listTasks()],
  ['getFeatureStatus', (engine: ChatFlow) => engine.getFeatureStatus('F')],
])('%s ends at its deadline', async (_name, call) => {
  await expectChatFlowError('TemporalUnavailableError', call(await open(DEADLINE_MS)));
});

test('closing ends a call that waits for its answer', async () => {
  const engine = await open(HOUR_MS);
  const connected = once(server, 'connection');
  const status = engine.getWorkflowStatusInfo('wfi_0123456789ab');
  await connected;
  await Promise.all([expectChatFlowError('TemporalUnavailableError', status), engine.close()]);
});

test('closing waits for a call that is due to be tried again', async () => {
  const refused = new Promise<void>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve()).destroy());
  });
  const engine = await open(HOUR_MS);
  const status = engine.getWorkflowStatusInfo('wfi_0123456789ab');
  await refused;
  await Promise.all([expectChatFlowError('TemporalUnavailableError', status), engine.close()]);
});

test('a watch ends with its signal, however long an answer takes', async () => {
  const controller = new AbortController();
  const engine = await open(HOUR_MS);
  const first = engine
    .watch('wfi_0123456789ab', { signal: controller.signal })
    [Symbol.asyncIterator]()
    .next();
  controller.abort();
  expect(await first).toMatchObject({ done: true });
});
