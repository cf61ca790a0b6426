import type { CliIo } from './cli-io.js';

/**
 * Runs something that goes on until Ctrl-C (or SIGTERM) ends it in good order, or nobody reads its output any more.
 * @returns the signal that came while it ran; null where none did
 */
export async function untilInterrupted(
  { stdout }: CliIo,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<NodeJS.Signals | null> {
  const controller = new AbortController();
  let stoppedBy: NodeJS.Signals | null = null;
  const abort = (signal: NodeJS.Signals): void => {
    stoppedBy = signal;
    controller.abort();
  };
  const leave = (): void => controller.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  stdout.unread?.addEventListener('abort', leave);
  try {
    await work(controller.signal);
    return stoppedBy;
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
    stdout.unread?.removeEventListener('abort', leave);
  }
}
