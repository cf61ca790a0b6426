import { CommanderError } from 'commander';

/** A command line that cannot be understood, as commander itself says it. */
export function usageError(code: string, words: string): CommanderError {
  return new CommanderError(2, code, words);
}
