import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { fakeIo } from './fake-io.js';

const dependencies: CliDependencies = {
  version: '0.0.0',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};

let server: Http2Server;
let address: string;

beforeEach(async () => {
  server = createServer((_request, response) => {
    response.statusCode = 404;
    response.end('nothing here');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  vi.stubEnv('TEMPORAL_ADDRESS', address);
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});

test.each([['status', 'wfi_000000000000'], ['list']])(
  '%s of an address where something else answers exits 6 and names it',
  async (...argv) => {
    const io = fakeIo();
    expect(await runCli(argv, io, dependencies)).toBe(6);
    expect(io.err()).toMatch(
      new RegExp(`^TemporalUnavailableError: ${address} answers, but is no Temporal server`),
    );
  },
);
