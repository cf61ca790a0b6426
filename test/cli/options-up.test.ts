/** Where `up` listens and where its state lies. */
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { getServerBinary } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { fakeIo } from './fake-io.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

test('--port, --ui-port and --data-dir hold for the server, and the worker gets them', async () => {
  vi.stubEnv('CHATFLOW_TEMPORAL_BINARY', getServerBinary());
  const [port, uiPort] = (await freePorts(2)).map(String);
  const folder = temporaryFolder();
  const asked: unknown[] = [];
  const dependencies: CliDependencies = {
    version: '0.0.0',
    // A worker that ends at once: `up` then ends, too.
    startWorker: ({ config, temporal }) => {
      asked.push({ data_dir: config.data_dir, address: temporal?.address });
      const facts = { address: temporal?.address ?? '', namespace: temporal?.namespace ?? '' };
      return Promise.resolve({ ...facts, stop: () => Promise.resolve(), done: Promise.resolve() });
    },
  };
  const io = fakeIo({ cwd: folder });
  const ports = ['--port', port ?? '', '--ui-port', uiPort ?? ''];
  expect(await runCli(['up', '--json', ...ports, '--data-dir', 'state'], io, dependencies)).toBe(0);
  expect(JSON.parse(io.out())).toMatchObject({
    temporal_address: `127.0.0.1:${port}`,
    temporal_ui_url: `http://127.0.0.1:${uiPort}`,
    data_dir: join(folder, 'state'),
  });
  expect(asked).toEqual([{ data_dir: join(folder, 'state'), address: `127.0.0.1:${port}` }]);
  expect(existsSync(join(folder, 'state', 'temporal-server.log'))).toBe(true);
});
