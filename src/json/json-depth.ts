/** How deep a JSON value is nested. A value is immutable: a list or map that was measured once is remembered. */
import type { Json } from './json.js';

const depths = new WeakMap<object, number>();

/** Levels of lists and maps in a value: 0 for a scalar, 1 for `[]`, 2 for `[{}]`. */
export function jsonDepth(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return 0;
  const known = depths.get(value);
  if (known !== undefined) return known;
  let below = 0;
  for (const item of Object.values(value as object) as (Json | undefined)[]) {
    // Scalars add no level, and are what most values hold.
    if (typeof item === 'object' && item !== null) below = Math.max(below, jsonDepth(item));
  }
  depths.set(value, below + 1);
  return below + 1;
}
