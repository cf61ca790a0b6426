/** What a token is taken for: about four bytes of code or English, by the common rule of thumb. */
const BYTES_PER_TOKEN = 4;

/**
 * Tokens that a model would have spent on reading so many bytes. No model runs in this demo, so this is an estimate,
 * and nothing has a price.
 */
export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
