/** Whole trees from start to result: ours and bare back to back. */
import type { ContenderName } from '../contender.js';
import { median, rounded } from '../statistics.js';
import type { TestBed } from '../test-bed.js';
import { runTree } from './build-tree.js';
import { countNodes, type Fanouts, type TreeSides } from './tree-contender.js';

export interface TreeThroughputPlan {
  readonly rounds: number;
  readonly fanouts: Fanouts;
  /** Nodes that are asked or triggered at once. */
  readonly inFlight: number;
}

interface TreeRound {
  readonly nodes_per_second: number;
  readonly worker_cpu_ms_per_node: number;
}

export interface TreeThroughput {
  readonly nodes: number;
  /** Medians over the rounds. */
  readonly ours: TreeRound;
  readonly bare: TreeRound;
  /** Nodes a second of ours over bare, the median of the rounds' own. */
  readonly tree_throughput_ratio: number;
  readonly rounds: readonly Readonly<Record<ContenderName, TreeRound>>[];
}

/** Builds a tree, triggers its leaves and awaits its result, for each side in turn; another goes first each time. */
export async function compareTreeThroughput(
  bed: TestBed,
  sides: TreeSides,
  plan: TreeThroughputPlan,
): Promise<TreeThroughput> {
  // The first tree of a worker compiles what all that follow run.
  for (const name of ['ours', 'bare'] as const) await measureTree(bed, sides, plan, { name, label: 'warm' });
  const rounds: Record<ContenderName, TreeRound>[] = [];
  for (let index = 0; index < plan.rounds; index += 1) {
    const order: ContenderName[] = index % 2 === 0 ? ['ours', 'bare'] : ['bare', 'ours'];
    const figures: [ContenderName, TreeRound][] = [];
    for (const name of order)
      figures.push([name, await measureTree(bed, sides, plan, { name, label: String(index) })]);
    rounds.push(Object.fromEntries(figures) as Record<ContenderName, TreeRound>); // one entry a side, by the loop above
  }
  const ratios = rounds.map(({ ours, bare }) => ours.nodes_per_second / bare.nodes_per_second);
  return {
    nodes: countNodes(plan.fanouts),
    ours: medianOf(rounds.map(({ ours }) => ours)),
    bare: medianOf(rounds.map(({ bare }) => bare)),
    tree_throughput_ratio: rounded(median(ratios)),
    rounds,
  };
}

async function measureTree(
  bed: TestBed,
  sides: TreeSides,
  { fanouts, inFlight }: TreeThroughputPlan,
  { name, label }: { readonly name: ContenderName; readonly label: string },
): Promise<TreeRound> {
  const { worker } = bed.sides[name];
  const cpuBefore = worker.cpuMs;
  const id = `tree-${name}-${fanouts.join('-')}-${label}`;
  const seconds = await runTree(bed.client, sides[name], { id, fanouts, inFlight });
  const nodes = countNodes(fanouts);
  return {
    nodes_per_second: rounded(nodes / seconds),
    worker_cpu_ms_per_node: rounded((worker.cpuMs - cpuBefore) / nodes),
  };
}

function medianOf(rounds: readonly TreeRound[]): TreeRound {
  const of = (key: keyof TreeRound): number => rounded(median(rounds.map((round) => round[key])));
  return {
    nodes_per_second: of('nodes_per_second'),
    worker_cpu_ms_per_node: of('worker_cpu_ms_per_node'),
  };
}
