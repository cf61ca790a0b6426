/** The wire contract of the tree written by hand, shared with its driver. */

export const BARE_TREE_TYPE = 'tree';

/** The update that ends a leaf. */
export const FINISH = 'finish';
export const CHILDREN = 'children';

export interface TreeInput {
  readonly feature_id: string;
  /** Of this node and of those below it; empty: a leaf. */
  readonly fanouts: readonly number[];
}

export interface TreeResult {
  /** Nodes below that have completed. */
  readonly completed: number;
}

export interface LeafReport {
  readonly note: string;
}
