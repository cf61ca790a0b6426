/** Sums of binary fractions drift: a millionth of a dollar is the unit of engine versions before 9. */
export function roundMicroDollars(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}

/** A billionth: a token may cost less than a millionth. */
export function roundDollars(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
