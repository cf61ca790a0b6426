import type { Deadline } from './state.js';

const GOES_ON = new Set<Deadline['kind']>(['until', 'report', 'kill']);

/** Whether a deadline's clock goes on in a pause: points in time do, and what concerns those above and below. */
export function goesOnInPause({ kind }: Deadline): boolean {
  return GOES_ON.has(kind);
}
