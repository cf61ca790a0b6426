import type { SubtreeUsage } from '../../core/shapes.js';

/** What has no known price is not free. */
export function renderCost({ cost_usd, unpriced_tokens }: Omit<SubtreeUsage, 'tokens'>): string {
  return unpriced_tokens === undefined ? `${cost_usd} USD` : `${cost_usd} USD and more`;
}
