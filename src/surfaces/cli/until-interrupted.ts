/**
 * Runs something that Ctrl-C (or SIGTERM) ends in good order.
 * @returns the signal that came while it ran; null where none did
 */
export async function untilInterrupted(
  work: (signal: AbortSignal) => Promise<void>,
): Promise<NodeJS.Signals | null> {
  const controller = new AbortController();
  let stoppedBy: NodeJS.Signals | null = null;
  const abort = (signal: NodeJS.Signals): void => {
    stoppedBy = signal;
    controller.abort();
  };
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    await work(controller.signal);
    return stoppedBy;
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}
