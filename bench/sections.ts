/** The sections of the bench's document, each with its bounds: docs/performance.md says where they come from. */
import type { PreparedDefinition } from '../src/workflows/messages.js';
import { BARE_TREE } from './bare/tree-contender.js';
import { measureBatch } from './chatflow/measure-batch.js';
import { measureTransition } from './chatflow/measure-transition.js';
import { OUR_TREE } from './chatflow/tree-contender.js';
import { compareServers, compareSides, type ComparisonPlan } from './compare.js';
import { MODES, type Contender, type ContenderName, type Mode } from './contender.js';
import { compareHistories } from './history-cost.js';
import type { BenchOptions } from './options.js';
import { say } from './progress.js';
import { withReach, type Bound } from './reach.js';
import { measureReplay } from './replay-cost.js';
import { rounded } from './statistics.js';
import type { TestBed } from './test-bed.js';
import { compareChildEvents } from './trees/child-events.js';
import { countNodes, type TreeSides } from './trees/tree-contender.js';
import { measureLeaves, measureTreeSize, type TreeSize } from './trees/tree-sizes.js';
import { compareTreeThroughput } from './trees/tree-throughput.js';
import { compareMemory } from './worker-memory.js';

const THROUGHPUT: Bound = { at_least: 0.95 };
const WORKER_CPU_MORE: Bound = { at_most: 0.3 };
const P50_ALONE: Bound = { at_most: 1.1 };
const FILE_OVER_MEMORY: Bound = { at_least: 0.9 };
const BYTES_PER_STEP: Bound = { at_most: 900 };
const OWN_EVENTS_MORE: Bound = { at_most: 0 };
const REPLAY_MS_PER_EVENT: Bound = { at_most: 0.5 };
const MEMORY_RATIO: Bound = { at_most: 1.3 };
const BATCH_OVER_SINGLE: Bound = { at_least: 5 };
const TREE_THROUGHPUT: Bound = { at_least: 0.9 };
const TREE_QUERY_MS: Bound = { at_most: 20 };
/** It must not grow; what is above 1 is noise of the machine. */
const LEAVES_GROWTH: Bound = { at_most: 1.25 };

const TREES: TreeSides = { ours: OUR_TREE, bare: BARE_TREE };

/** Many instances in flight, on one server. */
export function measureThroughput(bed: TestBed, options: BenchOptions) {
  return eachMode(async (mode) => {
    const comparison = await compareSides(bed, crowded(mode, options));
    return withReach(comparison, { throughput_ratio: THROUGHPUT, worker_cpu_ms_more: WORKER_CPU_MORE });
  });
}

/** One instance in flight: what a lone caller waits for. */
export function measureAlone(bed: TestBed, options: BenchOptions) {
  return eachMode(async (mode) => {
    const { rounds, aloneInstances } = options;
    const plan = { mode, rounds, instances: aloneInstances, inFlight: 1, label: `alone-${mode}` };
    return withReach(await compareSides(bed, plan), { p50_ratio: P50_ALONE });
  });
}

/** Many instances in flight, on the server with a file; the one in memory runs in the same rounds. */
export function measureOnFile(file: TestBed, memory: TestBed, options: BenchOptions) {
  return eachMode(async (mode) => {
    const plan = { ...crowded(mode, options), label: `file-${mode}` };
    const comparison = await compareServers(file, memory, plan);
    return withReach(comparison, { throughput_ratio: THROUGHPUT, file_over_memory: FILE_OVER_MEMORY });
  });
}

/** What a step leaves in the history: triggers on each other's heels, and triggers over a second apart. */
export function measureHistories(bed: TestBed, options: BenchOptions) {
  return eachMode(async (mode) => ({
    together: await historyAt(bed, mode, 0, options),
    apart: await historyAt(bed, mode, options.paceMs, options),
  }));
}

/** Ten triggers in one update against ten updates. */
export async function measureBatches(bed: TestBed, options: BenchOptions) {
  const { rounds, inFlight, batchTasks } = options;
  const cost = await measureBatch(bed, { rounds, inFlight, instances: inFlight * 2, tasks: batchTasks });
  return withReach(cost, { batch_over_single: BATCH_OVER_SINGLE });
}

/** How long a worker takes to read an instance back from its history. */
export async function measureReplays(
  bed: TestBed,
  bundles: Readonly<Record<ContenderName, string>>,
  options: BenchOptions,
) {
  const plan = { laps: options.replayLaps, times: options.rounds * 2 - 1 };
  const costOf = (name: ContenderName) =>
    measureReplay(bed.client, bed.sides[name].contender, { codePath: bundles[name] }, plan);
  const ours = await costOf('ours');
  const bare = await costOf('bare');
  return {
    ours: withReach(ours, { ms_per_event: REPLAY_MS_PER_EVENT }),
    bare,
    replay_ratio: rounded(ours.ms_per_event / bare.ms_per_event),
  };
}

/** What a cached instance costs its worker. */
export async function measureMemories(
  bed: TestBed,
  contenders: Readonly<Record<ContenderName, Contender>>,
  options: BenchOptions,
  dataDir: string,
) {
  const comparison = await compareMemory(bed, contenders, options.cachedInstances, dataDir);
  return withReach(comparison, { memory_ratio: MEMORY_RATIO });
}

/** Trees of instances: throughput, the query of a whole tree, its termination, a child's events. */
export async function measureAllOfTrees(bed: TestBed, options: BenchOptions) {
  const { rounds, inFlight, treeFanouts, treeNodes, treeSizes, treeLeaves, treeChildren } = options;
  say('trees: from start to result');
  const throughput = await compareTreeThroughput(bed, TREES, { rounds, inFlight, fanouts: treeFanouts });
  say(`  ${String(throughput.tree_throughput_ratio)} of bare`);
  say('trees: events of a child in its parent');
  const childEvents = await compareChildEvents(bed, TREES, treeChildren);
  say('trees: query and termination');
  const sizes: ReturnType<typeof withReach<TreeSize>>[] = [];
  for (const fanouts of treeSizes.filter((shape) => countNodes(shape) <= treeNodes)) {
    const size = await measureTreeSize(bed, TREES, fanouts);
    // Each takes minutes: what is known is told, whatever becomes of the next.
    say(`  ${JSON.stringify(size)}`);
    sizes.push(withReach(size, { query_p50_ms: TREE_QUERY_MS }));
  }
  const leaves = await measureLeaves(bed, TREES, treeLeaves);
  return {
    throughput: withReach(throughput, { tree_throughput_ratio: TREE_THROUGHPUT }),
    child_events: withReach(childEvents, { events_more: OWN_EVENTS_MORE }),
    sizes,
    leaves_under_one_child: withReach(leaves, { growth: LEAVES_GROWTH }),
  };
}

/** The interpreter by itself. */
export function measureTransitions(prepared: PreparedDefinition, options: BenchOptions) {
  return measureTransition(prepared, options.transitionMs);
}

async function historyAt(bed: TestBed, mode: Mode, paceMs: number, options: BenchOptions) {
  const contenders = { ours: bed.sides.ours.contender, bare: bed.sides.bare.contender };
  const label = `history-${mode}-${String(paceMs)}`;
  const plan = { mode, paceMs, instances: options.historyInstances, label };
  const { ours, ...comparison } = await compareHistories(bed.client, contenders, plan);
  return {
    ours: withReach(ours, { bytes_per_step: BYTES_PER_STEP }),
    ...withReach(comparison, { own_events_more: OWN_EVENTS_MORE }),
  };
}

function crowded(mode: Mode, options: BenchOptions): ComparisonPlan {
  const { rounds, instances, inFlight } = options;
  return { mode, rounds, instances, inFlight, label: `crowd-${mode}` };
}

async function eachMode<Section>(measure: (mode: Mode) => Promise<Section>): Promise<Record<Mode, Section>> {
  const sections: [Mode, Section][] = [];
  for (const mode of MODES) {
    say(`  by ${mode}`);
    sections.push([mode, await measure(mode)]);
  }
  return Object.fromEntries(sections) as Record<Mode, Section>; // one entry a mode, by the loop above
}
