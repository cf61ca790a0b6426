/** How SIGINT and SIGTERM end a command that runs until then: once in good order, a second time at once. */
export interface StopSignals {
  /** Resolves at the first signal. */
  readonly requested: Promise<NodeJS.Signals>;
  /** Gives the signals back to the process. */
  dispose(): void;
}

const FORCED_EXIT_CODE = 130;

export function listenForStop(): StopSignals {
  let onSignal = (_signal: NodeJS.Signals): void => undefined;
  const requested = new Promise<NodeJS.Signals>((resolve) => {
    let isAsked = false;
    onSignal = (signal) => {
      // Children end with us: the server's process listens for our exit.
      if (isAsked) process.exit(FORCED_EXIT_CODE);
      isAsked = true;
      resolve(signal);
    };
  });
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    requested,
    dispose: () => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}
