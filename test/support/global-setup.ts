/**
 * One Temporal server for a whole run of the server tests: in memory, on any free port, tuned like the embedded one,
 * with time skipping on for the clients that ask for it. The binary is found as `chatflow up` finds it, so the first
 * run on a fresh machine fetches it, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedServer } from '../../src/platform/embedded-server.js';
import { createLogger } from '../../src/platform/logging.js';
import { findServerBinary } from '../../src/platform/server-binary.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalNamespace: string;
    temporalBinary: string;
  }
}

/** Starts the server; what it returns ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = createLogger();
  const binary = await findServerBinary({ log });
  const dataDir = await mkdtemp(join(tmpdir(), 'chatflow-test-server-'));
  const server = await startEmbeddedServer({
    dataDir,
    inMemory: true,
    port: 0,
    uiPort: null,
    binary,
    dynamicConfig: { 'frontend.WorkflowTimeSkippingEnabled': true },
    log,
  });
  project.provide('temporalAddress', server.address);
  project.provide('temporalNamespace', server.namespace);
  project.provide('temporalBinary', binary);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
