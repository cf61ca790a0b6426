/** Typed access to what commander has parsed: its own type is a bag of anything. */
import { InvalidArgumentError } from 'commander';
import type { Options } from './cli-command.js';

/** A text option; undefined where it was not given. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A number option that `parseNumber` or `parseInteger` has read. */
export function numberOption(options: Options, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}

export function flagOption(options: Options, name: string): boolean {
  return options[name] === true;
}

/** The options of these names that were given, in snake_case as the engine's requests want them. */
export function textFields(options: Options, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = textOption(options, name);
      return value === undefined ? [] : [[toSnakeCase(name), value]];
    }),
  );
}

/** For commander: a number, else wrong usage. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** For commander: a whole number from 0 up, else wrong usage. */
export function parseInteger(text: string): number {
  const value = parseNumber(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('It must be a whole number from 0 up.');
  }
  return value;
}

const MOST_PORT = 65_535;

/** For commander: a port, 0 for any free one, else wrong usage. */
export function parsePort(text: string): number {
  const port = parseInteger(text);
  if (port > MOST_PORT) throw new InvalidArgumentError(`A port is ${String(MOST_PORT)} at most.`);
  return port;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
