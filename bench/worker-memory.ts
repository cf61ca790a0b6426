/** What one cached instance costs a worker's process. */
import { drive, startInstance, takeStep } from './drive.js';
import type { Contender, ContenderName } from './contender.js';
import { eachInFlight } from './in-flight.js';
import { rounded } from './statistics.js';
import { startWorker, type TestBed } from './test-bed.js';
import { straightWalk } from './walk.js';

export interface MemoryCost {
  readonly rss_kb_per_instance: number;
  /** Of the heaps of V8 alone, all threads: steadier than what is resident. */
  readonly heap_kb_per_instance: number;
  /** Resident before any instance was cached. */
  readonly idle_rss_mb: number;
}

const IN_FLIGHT = 20;

/**
 * Reads a fresh worker's memory before and after it has taken up instances that all wait in their second phase, the
 * garbage of every thread collected each time. The worker that served the contender before must have stopped.
 */
async function measureMemory(
  bed: TestBed,
  contender: Contender,
  instances: number,
  dataDir: string,
): Promise<MemoryCost> {
  const worker = await startWorker(bed.server, contender, dataDir);
  try {
    const plan = {
      mode: 'update',
      inFlight: IN_FLIGHT,
      instances: IN_FLIGHT * 2,
      steps: straightWalk(),
    } as const;
    await drive(bed.client, contender, { ...plan, label: 'memory-warm-up' });
    const idleHeap = await worker.collectGarbage();
    const idleRss = worker.rssBytes;
    await openInstances(bed, contender, instances);
    const heap = (await worker.collectGarbage()) - idleHeap;
    const rss = worker.rssBytes - idleRss;
    return {
      rss_kb_per_instance: rounded(rss / 1024 / instances),
      heap_kb_per_instance: rounded(heap / 1024 / instances),
      idle_rss_mb: rounded(idleRss / 1024 / 1024),
    };
  } finally {
    await worker.stop();
  }
}

async function openInstances(bed: TestBed, contender: Contender, instances: number): Promise<void> {
  const [first] = straightWalk();
  const ids = Array.from({ length: instances }, (_, index) => `memory-${contender.name}-${String(index)}`);
  await eachInFlight(ids, IN_FLIGHT, async (id) => {
    const handle = await startInstance(bed.client, contender, id);
    if (first !== undefined) await takeStep(handle, contender, { mode: 'update', step: first });
  });
}

export interface MemoryComparison {
  readonly ours: MemoryCost;
  readonly bare: MemoryCost;
  /** Resident memory an instance, ours over bare. */
  readonly memory_ratio: number;
  readonly heap_memory_ratio: number;
}

/** Both sides, one after the other, on a server that no other worker of theirs polls. */
export async function compareMemory(
  bed: TestBed,
  contenders: Readonly<Record<ContenderName, Contender>>,
  instances: number,
  dataDir: string,
): Promise<MemoryComparison> {
  const ours = await measureMemory(bed, contenders.ours, instances, dataDir);
  const bare = await measureMemory(bed, contenders.bare, instances, dataDir);
  return {
    ours,
    bare,
    memory_ratio: rounded(ours.rss_kb_per_instance / bare.rss_kb_per_instance),
    heap_memory_ratio: rounded(ours.heap_kb_per_instance / bare.heap_kb_per_instance),
  };
}
