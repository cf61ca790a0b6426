/** One timed drive of one side. */
import { drive, type DrivePlan } from './drive.js';
import { readCpuMs } from './process-usage.js';
import { percentile, rounded } from './statistics.js';
import type { Side, TestBed } from './test-bed.js';

export const ROUND_FIGURES = [
  'steps_per_second',
  'p50_ms',
  'p99_ms',
  'worker_cpu_ms_per_step',
  'server_cpu_ms_per_step',
  'driver_cpu_ms_per_step',
  'update_retries',
] as const;

/** Steps a second and CPU are of the whole drive: starts and ends of the instances are spread over their steps. */
export type RoundFigures = Readonly<Record<(typeof ROUND_FIGURES)[number], number>>;

/** Drives one side, and reads what it cost each process. */
export async function measureRound(bed: TestBed, side: Side, plan: DrivePlan): Promise<RoundFigures> {
  const before = readProcesses(bed, side);
  const result = await drive(bed.client, side.contender, plan);
  const after = readProcesses(bed, side);
  const steps = result.stepMs.length;
  return {
    steps_per_second: rounded(steps / result.seconds),
    p50_ms: rounded(percentile(result.stepMs, 0.5)),
    p99_ms: rounded(percentile(result.stepMs, 0.99)),
    worker_cpu_ms_per_step: rounded((after.worker - before.worker) / steps),
    server_cpu_ms_per_step: rounded((after.server - before.server) / steps),
    update_retries: result.retries,
    driver_cpu_ms_per_step: rounded((after.driver - before.driver) / steps),
  };
}

function readProcesses(bed: TestBed, side: Side): { worker: number; server: number; driver: number } {
  return { worker: side.worker.cpuMs, server: readCpuMs(bed.server.pid), driver: readCpuMs(process.pid) };
}
