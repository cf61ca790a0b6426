/** CPU profiles of both workers under load, for `--profile`: rounds of their own, for a profile slows them down. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { drive } from './drive.js';
import type { BenchOptions } from './options.js';
import { say } from './progress.js';
import type { TestBed } from './test-bed.js';
import { straightWalk } from './walk.js';

/** Writes `<side>-thread-<n>.cpuprofile` for every thread: 0 is the main one, the workflow isolate has another. */
export async function profileWorkers(bed: TestBed, options: BenchOptions, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { instances, inFlight } = options;
  for (const { contender, worker } of Object.values(bed.sides)) {
    await worker.startProfile();
    const plan = { mode: 'update', instances, inFlight, steps: straightWalk(), label: 'profile' } as const;
    await drive(bed.client, contender, plan);
    await worker.stopProfile(join(directory, contender.name));
  }
  say(`profiles: ${directory}`);
}
