/** Small trees without a server, for what is reckoned in them. */
import { expect } from 'vitest';
import type { SubworkflowRequest } from '../../src/core/shapes.js';
import { viewHistory } from '../../src/core/views.js';
import { TreeDriver, type Node, type TreeOptions } from './tree-driver.js';

export const LEAF = 'phases: [{ name: work, task: Work, next: work }]';
export const HOST = 'phases: [{ name: host, task: Host }]';

export function plant(options: TreeOptions = {}, root = HOST): TreeDriver {
  return new TreeDriver(root, {
    definitions: { leaf: LEAF, host: HOST },
    resource_quota: { max_tokens: 1000 },
    ...options,
  });
}

/** Asks for a child, and gives it. */
export function child(tree: TreeDriver, parent: string, request: Partial<SubworkflowRequest> = {}): Node {
  expect(tree.create(parent, { schema_id: 'leaf', ...request })).toBeNull();
  tree.deliverAll();
  const node = tree.childrenOf(parent).at(-1);
  if (!node) throw new Error('there is no child');
  return node;
}

/** A report of each level takes 5 seconds at most. */
export function settle(tree: TreeDriver): void {
  for (let level = 0; level < 4; level += 1) {
    tree.deliverAll();
    tree.advance(5000);
  }
  tree.deliverAll();
}

export const own = (max_tokens: number) => ({ resource_quota: { max_tokens } });
export const spend = (tree: TreeDriver, id: string, tokens: number): void => {
  expect(tree.trigger(id, { usage: { tokens, cost_usd: 0 } })).toBeNull();
};
export const eventsOf = ({ state }: Node, type: string) =>
  viewHistory(state).events.filter(({ event_type }) => event_type === type);
