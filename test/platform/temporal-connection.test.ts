import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  connectTemporal,
  connectWorkerToTemporal,
  loadTemporalSettings,
} from '../../src/platform/temporal-connection.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { getTestServer } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** An environment that reads no file of the user's. */
const bare = { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };

/** A program that takes connections and never says a word. */
async function silentServer(): Promise<string> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the connection to Temporal', () => {
  it('goes to a local server where nothing is configured', () => {
    const { address, namespace } = loadTemporalSettings({ env: bare });
    expect({ address, namespace }).toEqual({ address: '127.0.0.1:7233', namespace: 'default' });
  });

  it('follows TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, and overrides before them', () => {
    const env = { ...bare, TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'team' };
    expect(loadTemporalSettings({ env })).toMatchObject({
      address: 'temporal.example:7233',
      namespace: 'team',
    });
    expect(loadTemporalSettings({ env, address: 'other:1', namespace: 'mine' })).toMatchObject({
      address: 'other:1',
      namespace: 'mine',
    });
  });

  it("reads a profile of Temporal's own file", () => {
    const file = join(temporaryFolder(), 'temporal.toml');
    writeFileSync(file, '[profile.staging]\naddress = "staging:7233"\nnamespace = "stage"\n');
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'staging' };
    expect(loadTemporalSettings({ env })).toMatchObject({ address: 'staging:7233', namespace: 'stage' });
  });

  it("refuses a broken file of Temporal's", async () => {
    const file = join(temporaryFolder(), 'temporal.toml');
    writeFileSync(file, '[profile.default\n');
    const attempt = () => loadTemporalSettings({ env: { TEMPORAL_CONFIG_FILE: file } });
    const error = await expectChatFlowError('ConfigurationError', attempt);
    expect(error.message).toContain("Temporal's environment configuration");
  });

  it('says that a file has no profile', () => {
    const file = join(temporaryFolder(), 'temporal.toml');
    writeFileSync(file, '');
    const attempt = () => loadTemporalSettings({ env: { TEMPORAL_CONFIG_FILE: file } });
    expect(attempt).toThrow(/has no profile.*\[profile\.default\]/);
  });

  it('connects a client and a worker', async () => {
    const overrides = { ...getTestServer(), env: bare };
    const client = await connectTemporal(overrides);
    const { namespaceInfo } = await client.connection.workflowService.describeNamespace({
      namespace: client.namespace,
    });
    expect(namespaceInfo?.name).toBe('default');
    await client.connection.close();
    const worker = await connectWorkerToTemporal(overrides);
    await worker.connection.close();
  });

  it.each([
    ['a client', connectTemporal],
    ['a worker', connectWorkerToTemporal],
  ])('names the address and the way out where nothing listens for %s', async (_who, connect) => {
    const attempt = connect({ address: '127.0.0.1:1', env: bare, deadlineMs: 500 });
    const error = await expectChatFlowError('TemporalUnavailableError', attempt);
    expect(error.message).toContain('127.0.0.1:1');
    expect(error.message).toContain('chatflow up');
    expect(error.message).toContain('TEMPORAL_ADDRESS');
  });

  it('gives up at its deadline on a server that does not answer', async () => {
    const address = await silentServer();
    const start = Date.now();
    await expectChatFlowError(
      'TemporalUnavailableError',
      connectTemporal({ address, env: bare, deadlineMs: 500 }),
    );
    expect(Date.now() - start).toBeLessThan(10_000);
  });
});
