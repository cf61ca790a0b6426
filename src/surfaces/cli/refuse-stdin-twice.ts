import type { Command } from 'commander';
import { usageError } from './usage-error.js';

/**
 * Refuses a command line that names standard input twice, before anything of it is read: the second reader would get
 * nothing. An argument can name it, and every option that takes JSON.
 */
export function refuseStdinTwice(command: Command): void {
  const ofJson = command.options
    .filter((option) => option.flags.endsWith('<json>'))
    .map((option): unknown => command.getOptionValue(option.attributeName()));
  const named = [...command.args, ...ofJson].filter((value) => value === '-' || value === '@-');
  if (named.length < 2) return;
  const words = 'standard input is named twice: only one argument or option of a command can read it';
  throw usageError('chatflow.stdinTwice', words);
}
