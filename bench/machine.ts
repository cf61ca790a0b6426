/** Where the figures come from: without it they say little. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly cpus: number;
  readonly cpu_model: string;
  readonly memory_gb: number;
  readonly platform: string;
  readonly node: string;
  /** Of the last minute, before the bench: above a few tenths something else runs, and the figures are worth less. */
  readonly load_average: number;
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  return {
    cpus: cpus().length,
    cpu_model: cpus()[0]?.model ?? 'unknown',
    memory_gb: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    load_average: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
