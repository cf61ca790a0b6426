import pc from 'picocolors';
import type { CliStream } from './cli-io.js';

export type Colours = ReturnType<typeof pc.createColors>;

/** Colours on a terminal only, and never where NO_COLOR (any value but the empty one) or TERM=dumb says so. */
export function coloursFor(stream: CliStream, env: NodeJS.ProcessEnv): Colours {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return pc.createColors(stream.isTTY && !refused);
}

/** A status in its colour. */
export function paintStatus(colours: Colours, status: string): string {
  if (status === 'completed' || status === 'ok') return colours.green(status);
  if (status === 'failed' || status === 'terminated' || status === 'fail') return colours.red(status);
  if (status === 'paused' || status === 'cancelled') return colours.yellow(status);
  return colours.cyan(status);
}
