/** The whole bench: a server in memory, a second one on a file beside it, then fresh workers for their memory. */
import { bareBundlePath, bundleBare } from './bare/bundle.js';
import { BARE } from './bare/contender.js';
import { createOurs, oursBundlePath } from './chatflow/contender.js';
import { prepareFivePhases } from './chatflow/prepare.js';
import type { PreparedDefinition } from '../src/workflows/messages.js';
import { writeTreeDocuments } from './chatflow/tree-documents.js';
import { MODES, type Contender, type ContenderName } from './contender.js';
import { drive } from './drive.js';
import { describeMachine } from './machine.js';
import type { BenchOptions } from './options.js';
import { profileWorkers } from './profile-workers.js';
import { say } from './progress.js';
import { findMisses } from './reach.js';
import {
  measureAlone,
  measureBatches,
  measureHistories,
  measureMemories,
  measureOnFile,
  measureReplays,
  measureThroughput,
  measureTransitions,
  measureAllOfTrees,
} from './sections.js';
import { startTestBed, type Cleanups, type TestBed } from './test-bed.js';
import { straightWalk } from './walk.js';

type Contenders = Readonly<Record<ContenderName, Contender>>;

/** Measures everything; `dataDir` takes what servers and workers write. Rejects where an answer was wrong. */
export async function runBench(options: BenchOptions, dataDir: string, cleanups: Cleanups) {
  const startedAt = performance.now();
  const machine = describeMachine();
  const sections = await measureSections(options, dataDir, cleanups);
  const misses = findMisses(sections);
  return {
    bench: 'chatflow',
    bench_version: 1,
    machine,
    plan: options,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    ...sections,
    passed: misses.length === 0,
    misses,
  };
}

async function measureSections(options: BenchOptions, dataDir: string, cleanups: Cleanups) {
  await bundleBare(dataDir);
  const prepared = prepareFivePhases();
  const contenders = { ours: createOurs(prepared), bare: BARE };
  const steps =
    options.only === 'trees' ? {} : await measureSteps(options, dataDir, { prepared, contenders, cleanups });
  const trees =
    options.only === 'steps' ? {} : { trees: await measureTrees(options, dataDir, contenders, cleanups) };
  return { ...steps, ...trees };
}

/** Trees have a server and workers of their own: ten thousand open instances would weigh on everything else. */
async function measureTrees(
  options: BenchOptions,
  dataDir: string,
  contenders: Contenders,
  cleanups: Cleanups,
) {
  const {
    treeFanouts,
    treeSizes,
    treeLeaves,
    treeChildren: [few, many],
  } = options;
  const shapes = [treeFanouts, ...treeSizes, ...treeLeaves.map((leaves) => [1, leaves]), [few], [many]];
  await writeTreeDocuments(dataDir, shapes);
  say('trees: the server in memory');
  const bed = await startTestBed('memory', dataDir, contenders, cleanups);
  const figures = await measureAllOfTrees(bed, options);
  await bed.stop();
  return figures;
}

interface Stage {
  readonly prepared: PreparedDefinition;
  readonly contenders: Contenders;
  readonly cleanups: Cleanups;
}

/** Instances by themselves. */
async function measureSteps(
  options: BenchOptions,
  dataDir: string,
  { prepared, contenders, cleanups }: Stage,
) {
  const bundles = { ours: oursBundlePath(), bare: bareBundlePath(dataDir) };
  say('transition alone');
  const transition = measureTransitions(prepared, options);
  say('the server in memory: warming up');
  const memory = await startTestBed('memory', dataDir, contenders, cleanups);
  await warmUp(memory, options);
  const onMemory = await measureOnMemory(memory, options, bundles);
  say('the server with a file: warming up');
  const file = await startTestBed('file', dataDir, contenders, cleanups);
  await warmUp(file, options);
  say('file: many in flight');
  const onFile = { crowded: await measureOnFile(file, memory, options) };
  await file.stop();
  say('memory of the workers');
  await memory.stopWorkers();
  const workerMemory = await measureMemories(memory, contenders, options, dataDir);
  await memory.stop();
  return { ...onMemory, file: onFile, worker_memory: workerMemory, transition };
}

async function measureOnMemory(
  bed: TestBed,
  options: BenchOptions,
  bundles: Parameters<typeof measureReplays>[1],
) {
  say('memory: many in flight');
  const crowded = await measureThroughput(bed, options);
  if (options.profileDir !== null) await profileWorkers(bed, options, options.profileDir);
  say('memory: one in flight');
  const alone = await measureAlone(bed, options);
  say('history');
  const history = await measureHistories(bed, options);
  say('batches');
  const batch = await measureBatches(bed, options);
  say('replay');
  const replay = await measureReplays(bed, bundles, options);
  return { memory: { crowded, alone }, history, batch, replay };
}

/**
 * V8 compiles what runs often, and the server fills its caches: the first passes are slower than all that follow. What
 * the interpreter costs has halved after some 2,000 steps (`transition` alone: 0.36, 0.27, 0.2, 0.12 ms by the thousand).
 */
async function warmUp(bed: TestBed, options: BenchOptions): Promise<void> {
  const { inFlight, instances } = options;
  for (const { contender } of Object.values(bed.sides)) {
    for (const mode of MODES) {
      await drive(bed.client, contender, {
        mode,
        inFlight,
        instances,
        steps: straightWalk(),
        label: `warm-${mode}`,
      });
    }
  }
}
