/** The command line of the bench. */
import { parseArgs } from 'node:util';
import type { Fanouts } from './trees/tree-contender.js';

/** Instances by themselves, and trees of them. */
export const PARTS = ['steps', 'trees'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  /** Rounds of each measure; figures are medians over them. */
  readonly rounds: number;
  /** Instances of one round. */
  readonly instances: number;
  /** Instances in flight in the throughput rounds. */
  readonly inFlight: number;
  /** Instances of one round where one is in flight alone. */
  readonly aloneInstances: number;
  /** Instances that stay cached while memory is read. */
  readonly cachedInstances: number;
  /** Instances of which the history is read. */
  readonly historyInstances: number;
  /** Between one step and the next where they are apart, so that each may have an upsert of its own. */
  readonly paceMs: number;
  /** Times that review sends the work back in the history that is replayed. */
  readonly replayLaps: number;
  /** Tasks of one instance where single triggers meet batches; a multiple of ten. */
  readonly batchTasks: number;
  /** The tree that is built, advanced and completed: 1,000 nodes in three levels below the root's. */
  readonly treeFanouts: Fanouts;
  /** Trees of more nodes are left out. */
  readonly treeNodes: number;
  /** The trees that are looked at and terminated while they stand. */
  readonly treeSizes: readonly Fanouts[];
  /** Leaves under the one child of a root. */
  readonly treeLeaves: readonly number[];
  /** Children of the parents whose histories are compared: few and many. */
  readonly treeChildren: readonly [number, number];
  /** What is measured: everything, or one half of it. */
  readonly only: Part | null;
  /** How long `transition` is called. */
  readonly transitionMs: number;
  /** Exit with 1 where a figure misses its reach. */
  readonly gate: boolean;
  /** Folder for `.cpuprofile` files of the workers, one a thread, of the memory server's update rounds. */
  readonly profileDir: string | null;
}

export const USAGE = `Usage: npm run bench -- [--rounds N] [--instances N] [--only PART] [--nodes N] [--quick] [--gate] [--profile DIR]

Measures ChatFlow against a workflow written by hand (docs/performance.md). One JSON document on
stdout, progress on stderr. Exits with 0 when it measured, 2 on wrong usage; with --gate, 1 when a figure misses.

  --rounds N      rounds of each measure; figures are medians over them (3)
  --instances N   instances of one round, of five phases each (200)
  --only PART     steps or trees, instead of both
  --nodes N       leave out trees of more nodes (10000, which take half of the time)
  --quick         one round of few instances: to see that it runs, not to compare
  --gate          exit with 1 where a figure misses its reach
  --profile DIR   write .cpuprofile files of both workers, one a thread
`;

const FULL = {
  rounds: 3,
  instances: 200,
  inFlight: 20,
  aloneInstances: 40,
  cachedInstances: 1000,
  historyInstances: 5,
  paceMs: 1200,
  replayLaps: 80,
  batchTasks: 50,
  treeFanouts: [9, 10, 10],
  treeNodes: 10_000,
  treeSizes: [[9], [9, 10], [9, 10, 10], [9, 10, 110]],
  treeLeaves: [10, 100, 500],
  treeChildren: [10, 50],
  transitionMs: 3000,
} as const;

const QUICK = {
  rounds: 1,
  instances: 10,
  inFlight: 5,
  aloneInstances: 2,
  cachedInstances: 20,
  historyInstances: 1,
  paceMs: 50,
  replayLaps: 5,
  batchTasks: 10,
  treeFanouts: [2, 2],
  treeNodes: 10,
  treeSizes: [[3], [2, 10]],
  treeLeaves: [2],
  treeChildren: [2, 4],
  transitionMs: 200,
} as const;

/** Null where help was asked for. Throws a TypeError on wrong usage. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      instances: { type: 'string' },
      only: { type: 'string' },
      nodes: { type: 'string' },
      quick: { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const defaults = values.quick ? QUICK : FULL;
  return {
    ...defaults,
    rounds: count('--rounds', values.rounds, defaults.rounds),
    instances: count('--instances', values.instances, defaults.instances),
    only: partOf(values.only),
    treeNodes: count('--nodes', values.nodes, defaults.treeNodes),
    gate: values.gate,
    profileDir: values.profile ?? null,
  };
}

function partOf(text: string | undefined): Part | null {
  if (text === undefined) return null;
  const part = PARTS.find((known) => known === text);
  if (part === undefined) throw new TypeError(`--only takes ${PARTS.join(' or ')}, not "${text}"`);
  return part;
}

function count(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new TypeError(`${name} takes a whole number from 1 to 100000, not "${text}"`);
}
