/** The server under both sides: the embedded one, tuned as `chatflow up` starts it, without its Web UI. */
import { join } from 'node:path';
import { startEmbeddedServer, type EmbeddedServer } from '../src/platform/embedded-server.js';
import { createLogger } from '../src/platform/logging.js';

export type ServerKind = 'memory' | 'file';

/** Starts a server of its own on a free port; what it writes lies under `dataDir`. */
export function startBenchServer(kind: ServerKind, dataDir: string): Promise<EmbeddedServer> {
  return startEmbeddedServer({
    dataDir: join(dataDir, `server-${kind}`),
    inMemory: kind === 'memory',
    port: 0,
    uiPort: null,
    log: createLogger({ level: 'warn' }),
  });
}
