/** The two sides of the comparison of trees, as data: one driver builds, advances and ends both. */
import type { WorkflowStartOptions } from '@temporalio/client';
import type { ContenderName } from '../contender.js';

/**
 * How many children a node has, by its depth: `[9, 10, 10]` is a root with 9 children of 10 each, which have 10 leaves
 * each. A leaf waits for one trigger; any other node for its children.
 */
export type Fanouts = readonly number[];

export interface TreeContender {
  readonly name: ContenderName;
  readonly workflowType: string;
  /** Everything that the start of a root needs but the id. */
  readonly startOptions: (id: string, fanouts: Fanouts) => Omit<WorkflowStartOptions, 'workflowId'>;
  /** Answers, on any node that is no leaf, with what `childrenIn` reads. */
  readonly childrenQuery: string;
  /** Ids of the children that the node has begun. */
  readonly childrenIn: (answer: unknown) => readonly string[];
  /** The update that ends a leaf. */
  readonly trigger: string;
  readonly triggerArgument: object;
}

export type TreeSides = Readonly<Record<ContenderName, TreeContender>>;

/** All nodes of a tree, its root included. */
export function countNodes(fanouts: Fanouts): number {
  let level = 1;
  let nodes = 1;
  for (const fanout of fanouts) {
    level *= fanout;
    nodes += level;
  }
  return nodes;
}
