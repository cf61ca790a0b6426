import type { CliIo } from './cli-io.js';

const PATIENCE_MS = 1000;
const FRAME_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Runs something, and from its second second on shows on a terminal's stderr that it goes on. */
export async function withProgress<T>(io: CliIo, label: string, work: () => Promise<T>): Promise<T> {
  if (!io.stderr.isTTY) return work();
  const startedAt = Date.now();
  let frame = 0;
  const timer = setInterval(() => {
    const elapsedMs = Date.now() - startedAt;
    if (elapsedMs < PATIENCE_MS) return;
    const sign = FRAMES[frame++ % FRAMES.length] ?? '';
    io.stderr.write(`\r\x1b[K${sign} ${label} ${Math.floor(elapsedMs / 1000)} s`);
  }, FRAME_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (frame > 0) io.stderr.write('\r\x1b[K');
  }
}
