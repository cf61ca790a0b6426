import { CommanderError } from 'commander';
import type { CliIo } from './cli-io.js';

/** The same streams; standard input can be read once, and a second reader is wrong usage, not empty input. */
export function readStdinOnce(io: CliIo): CliIo {
  let isRead = false;
  return {
    ...io,
    readStdin: () => {
      if (isRead) {
        const words = 'standard input is named twice: only one argument or option of a command can read it';
        return Promise.reject(new CommanderError(2, 'chatflow.stdinTwice', words));
      }
      isRead = true;
      return io.readStdin();
    },
  };
}
