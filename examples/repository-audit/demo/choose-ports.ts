import { createServer } from 'node:net';

const HOST = '127.0.0.1';
const UI_OFFSET = 1000;

/** The preferred port where it and the Web UI's are free, else another such pair. */
export async function choosePorts(
  preferred: number,
): Promise<{ readonly port: number; readonly moved: boolean }> {
  if ((await isFree(preferred)) && (await isFree(preferred + UI_OFFSET)))
    return { port: preferred, moved: false };
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = await freePort();
    if (port + UI_OFFSET <= 65_535 && (await isFree(port + UI_OFFSET))) return { port, moved: true };
  }
  throw new Error(`No free port was found for the server and its Web UI`);
}

async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw new Error('The system gives no free port');
  return port;
}

/** The port that was listened on for a moment; null where another program has it. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(null);
    });
    probe.listen({ host: HOST, port, exclusive: true }, () => {
      const bound = probe.address();
      probe.close(() => {
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
  });
}
