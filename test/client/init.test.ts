import { Connection } from '@temporalio/client';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { engine, init } from '../../src/client/index.js';
import { createMemoryArtifactStore } from '../../src/artifacts/index.js';
import { loadConfig } from '../../src/platform/config.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { getTestServer } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('init', () => {
  test('asks no server: what needs none works without', async () => {
    const opened = await init({ address: '127.0.0.1:9' });
    const schema = 'name: a\nversion: "1"\nphases: [{ name: b }]\n';
    const planned = await opened.startWorkflowInstance({ schema, dry_run: true });
    expect(planned).toMatchObject({ current_phase: 'b', feature_id: 'a' });
    await opened.close();
  });

  test('finds definitions by name in the configured folders', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'small@v1.0.yaml'), 'name: small\nversion: "1.0"\nphases: [{ name: old }]\n');
    writeFileSync(join(cwd, 'small@v1.10.yaml'), 'name: small\nversion: "1.10"\nphases: [{ name: new }]\n');
    const config = loadConfig({ cwd, env: { CHATFLOW_DEFINITIONS: '["."]' } });
    const opened = await init({ config, address: '127.0.0.1:9' });
    const start = (schema_id: string) => opened.startWorkflowInstance({ schema_id, dry_run: true });
    expect(await start('small')).toMatchObject({ schema_version: '1.10', current_phase: 'new' });
    expect(await start('small@1.0')).toMatchObject({ schema_version: '1.0', current_phase: 'old' });
    const error = await expectChatFlowError('SchemaNotFoundError', start('smal'));
    expect(error.message).toContain('small');
    await opened.close();
  });

  test('refuses what the configuration has switched off', async () => {
    const config = loadConfig({ cwd: temporaryFolder(), env: { CHATFLOW_FEATURES: '{ http: false }' } });
    const opened = await init({ config, address: '127.0.0.1:9' });
    const schema = {
      name: 'caller',
      version: '1.0',
      phases: [{ name: 'call', executor: { http: { url: 'https://example.com' } } }],
    };
    const error = await expectChatFlowError(
      'FeatureDisabledError',
      opened.startWorkflowInstance({ schema, dry_run: true }),
    );
    expect(error.message).toContain('call/call');
    await opened.close();
  });

  test('a bad configuration is refused at once', async () => {
    vi.stubEnv('CHATFLOW_MAX_RECURSION_DEPTH', 'deep');
    await expectChatFlowError('ConfigurationError', init());
  });

  test('takes the address from Temporal’s own environment', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:9');
    vi.stubEnv('TEMPORAL_NAMESPACE', 'mine');
    const opened = await init({ artifact_store: createMemoryArtifactStore() });
    const error = await expectChatFlowError('TemporalUnavailableError', opened.listInstances());
    expect(error.details).toMatchObject({ address: '127.0.0.1:9', namespace: 'mine' });
    await opened.close();
  });
});

describe('a connection of the caller’s own', () => {
  test('is used as it is, and left open', async () => {
    const { address, namespace } = getTestServer();
    const connection = await Connection.connect({ address });
    const opened = await init({ connection, namespace });
    expect(await opened.getWorkflowInstanceStatus('wfi_000000000000')).toBeNull();
    await opened.close();
    await connection.workflowService.describeNamespace({ namespace });
    await connection.close();
  });
});

describe('the process-wide engine', () => {
  test('opens itself by its first call, and is one', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:9');
    expect(await Promise.resolve(engine)).toBe(engine);
    await expectChatFlowError('TemporalUnavailableError', engine.listInstances());
    await expectChatFlowError('TemporalUnavailableError', engine.getWorkflowState('wfi_000000000000'));
    await engine.close();
  });
});
