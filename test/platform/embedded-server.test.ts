import { Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedServer, type EmbeddedServer } from '../../src/platform/embedded-server.js';
import { silentLogger } from '../../src/platform/logging.js';
import { processIdentity } from '../../src/platform/process-identity.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { runTypeScript } from '../support/run-typescript.js';
import { getServerBinary } from '../support/temporal-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const starter = new URL('../support/fixtures/start-embedded-server.ts', import.meta.url);

type Options = Partial<Parameters<typeof startEmbeddedServer>[0]> & { readonly dataDir: string };

async function start(options: Options): Promise<EmbeddedServer> {
  const defaults = { binary: getServerBinary(), port: 0, uiPort: null, log: silentLogger };
  const server = await startEmbeddedServer({ ...defaults, ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function withConnection<T>(address: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** Starts a workflow that no worker serves: it stands in the lists all the same. */
async function startWorkflow(address: string): Promise<string> {
  const workflowId = randomUUID();
  await withConnection(address, (connection) =>
    connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId,
      requestId: randomUUID(),
      workflowType: { name: 'nobody' },
      taskQueue: { name: 'nobody' },
    }),
  );
  return workflowId;
}

async function isOpen(address: string, workflowId: string): Promise<boolean> {
  return withConnection(address, async ({ workflowService }) => {
    const described = await workflowService.describeWorkflowExecution({
      namespace: 'default',
      execution: { workflowId },
    });
    return described.workflowExecutionInfo?.status === 1;
  });
}

async function occupyPort(): Promise<number> {
  const blocker = await new Promise<Server>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
  onTestFinished(() => void blocker.close());
  return (blocker.address() as { port: number }).port;
}

async function writeScript(name: string, body: string): Promise<string> {
  const folder = join(temporaryFolder(), 'bin');
  await mkdir(folder);
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

describe('the embedded server', () => {
  it('keeps its instances over kill -9 and a restart on the same data directory', async () => {
    const dataDir = temporaryFolder();
    const first = await start({ dataDir });
    const workflowId = await startWorkflow(first.address);
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await first.stop();
    const second = await start({ dataDir });
    expect(await isOpen(second.address, workflowId)).toBe(true);
  });

  it('ends the server that a killed owner left behind, and goes on with its state', async () => {
    const dataDir = temporaryFolder();
    const owner = runTypeScript(starter, [dataDir, getServerBinary()]);
    const orphan = (await owner.nextJson()) as { readonly pid: number; readonly address: string };
    const workflowId = await startWorkflow(orphan.address);
    await owner.kill();
    expect(await processIdentity(orphan.pid)).not.toBeNull();
    const server = await start({ dataDir });
    expect(await processIdentity(orphan.pid)).toBeNull();
    expect(await isOpen(server.address, workflowId)).toBe(true);
  });

  it('refuses a second one on the same data directory, and the first goes on', async () => {
    const dataDir = temporaryFolder();
    const first = await start({ dataDir });
    const error = await expectChatFlowError('DataDirectoryInUseError', start({ dataDir }));
    expect(error.message).toContain(`process ${process.pid}`);
    expect(await isOpen(first.address, await startWorkflow(first.address))).toBe(true);
  });

  it('refuses a port that is taken, names it, and leaves the data directory free', async () => {
    const dataDir = temporaryFolder();
    const port = await occupyPort();
    const error = await expectChatFlowError('AddressInUseError', start({ dataDir, port }));
    expect(error.message).toContain(`Port ${port}`);
    expect(error.message).toContain('--port');
    await start({ dataDir });
  });

  it('refuses a port of the Web UI that is taken', async () => {
    const uiPort = await occupyPort();
    const error = await expectChatFlowError(
      'AddressInUseError',
      start({ dataDir: temporaryFolder(), uiPort }),
    );
    expect(error.message).toContain('Web UI');
    expect(error.details['port']).toBe(uiPort);
  });

  it('tells a port that was taken after the look from the last words of the server', async () => {
    const binary = await writeScript('temporal', 'echo "listen tcp: bind: address already in use"; exit 1');
    await expectChatFlowError('AddressInUseError', start({ dataDir: temporaryFolder(), binary }));
  });

  it('shows the last words of a server that ends at its start', async () => {
    const binary = await writeScript('temporal', 'echo "database disk image is malformed" >&2; exit 3');
    const error = await expectChatFlowError(
      'TemporalUnavailableError',
      start({ dataDir: temporaryFolder(), binary }),
    );
    expect(error.message).toContain('database disk image is malformed');
    expect(error.message).toContain('temporal-server.log');
    expect(error.details['code']).toBe(3);
  });

  it('names a data directory that can not be used, and a binary that is not there', async () => {
    const file = await writeScript('a-file', 'true');
    const unusable = await expectChatFlowError('ConfigurationError', start({ dataDir: join(file, 'data') }));
    expect(unusable.message).toContain(join(file, 'data'));
    const binary = join(temporaryFolder(), 'temporal');
    const missing = start({ dataDir: temporaryFolder(), binary });
    expect((await expectChatFlowError('ServerBinaryNotFoundError', missing)).message).toContain(binary);
  });

  it('serves its Web UI', async () => {
    const server = await start({ dataDir: temporaryFolder(), uiPort: 0 });
    const response = await fetch(`${server.uiUrl}/namespaces/default/workflows`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<html');
  });

  it('makes the namespace that is asked for and keeps closed instances for a year', async () => {
    const server = await start({ dataDir: temporaryFolder(), namespace: 'team-a' });
    const described = await withConnection(server.address, ({ workflowService }) =>
      workflowService.describeNamespace({ namespace: 'team-a' }),
    );
    expect(Number(described.config?.workflowExecutionRetentionTtl?.seconds)).toBe(365 * 86_400);
  });

  it('ends once however often it is asked, and frees its data directory', async () => {
    const dataDir = temporaryFolder();
    const server = await start({ dataDir });
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await processIdentity(server.pid)).toBeNull();
    await start({ dataDir });
  });

  it('leaves a server alone that somebody started by hand on its database', async () => {
    const dataDir = temporaryFolder();
    const database = join(dataDir, 'temporal.db');
    // A process with the arguments of one: what it does with them makes no difference.
    const idle = ['-e', 'setTimeout(() => {}, 60_000)'];
    const child = spawn(process.execPath, [...idle, 'server', 'start-dev', '--db-filename', database]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const error = await expectChatFlowError('DataDirectoryInUseError', start({ dataDir }));
    expect(error.details['pid']).toBe(child.pid);
    expect(child.exitCode).toBeNull();
  });
});
