/** What the kernel says of another process (Linux only). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

let msPerTick: number | null = null;

/** Milliseconds of processor time that a process has used, all its threads, user and system. */
export function readCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // The command stands in brackets and may hold spaces: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  msPerTick ??= 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks * msPerTick;
}

/** Resident bytes of a process. */
export function readRssBytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  if (match?.[1] === undefined) throw new Error(`No VmRSS in /proc/${String(pid)}/status`);
  return Number(match[1]) * 1024;
}
