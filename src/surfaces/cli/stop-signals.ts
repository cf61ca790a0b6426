import type { Readable } from 'node:stream';

/** How SIGINT and SIGTERM end a command that runs until then: once in good order, a second time at once. */
export interface StopSignals {
  /** Resolves at the first signal. */
  readonly requested: Promise<NodeJS.Signals>;
  /** Aborts at the first signal, with `StopRequested` as its reason. */
  readonly abort: AbortSignal;
  /** Gives the signals back to the process. */
  dispose(): void;
}

export interface StopOptions {
  /** A stream whose end counts as SIGTERM: the pipe to a parent, which closes when the parent has died. */
  readonly endsWith?: Readable;
}

/** A command was told to end before it had begun what it was asked for. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
  /** As a shell counts it: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Ended by ${signal} before it was ready`);
    this.exitCode = exitCodeOf(signal);
  }
}

/** As a shell counts it: 128 and the signal's number. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return signal === 'SIGINT' ? 130 : 143;
}

const FORCED_EXIT_CODE = 130;

export function listenForStop({ endsWith }: StopOptions = {}): StopSignals {
  const controller = new AbortController();
  let onSignal = (_signal: NodeJS.Signals): void => undefined;
  let onEnd = (): void => undefined;
  const requested = new Promise<NodeJS.Signals>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      controller.abort(new StopRequested(signal));
      resolve(signal);
    };
    onSignal = (signal) => {
      // Children end with us: the server's process listens for our exit.
      if (controller.signal.aborted) process.exit(FORCED_EXIT_CODE);
      stop(signal);
    };
    onEnd = () => {
      if (!controller.signal.aborted) stop('SIGTERM');
    };
  });
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  endsWith?.once('end', onEnd).once('close', onEnd).once('error', onEnd).resume();
  return {
    requested,
    abort: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      endsWith?.off('end', onEnd).off('close', onEnd).pause();
    },
  };
}
