/** Figures of a sample. All of them throw on an empty one: a figure of nothing is a mistake of the bench. */

/** The smallest value that at least `share` (0-1) of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('A percentile of no values');
  return value;
}

/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('A median of no values');
  return (upper + lower) / 2;
}

/** Four significant digits: more than the measure carries. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
