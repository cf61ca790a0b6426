/** Sums of binary fractions drift; a millionth of a dollar is the unit. */
export function roundMicroDollars(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
