import { ASSUMED_ELEMENTS } from './limits.js';
import { childrenOf } from './syntax-tree.js';
import type { Node } from './syntax-tree.js';

/**
 * What an expression may cost, before any data is known: its nodes, those inside a macro once for each element. A
 * list written out counts with its length, every other one with `ASSUMED_ELEMENTS`. It only refuses what could hardly
 * run on modest lists; what a run really costs is counted by `ExpressionBudget`.
 */
export function estimateCost(node: Node): number {
  if (node.type !== 'macro') return sum(childrenOf(node)) + 1;
  const body = estimateCost(node.body) + (node.filter === undefined ? 0 : estimateCost(node.filter));
  return estimateCost(node.range) + 1 + countElements(node.range) * (body + 1);
}

function countElements(range: Node): number {
  return range.type === 'list' ? range.items.length : ASSUMED_ELEMENTS;
}

function sum(nodes: readonly Node[]): number {
  return nodes.reduce((total, node) => total + estimateCost(node), 0);
}
