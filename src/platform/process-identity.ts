/**
 * Who a process is. A pid alone says little: it is given again after a crash. With the moment of its start it names
 * one process for good, so a lock left behind by `kill -9` can be told from a live one.
 */
import { readFile, readdir } from 'node:fs/promises';
import { runCommand } from './run-command.js';

const PS_DEADLINE_MS = 5_000;

export interface RunningProcess {
  readonly pid: number;
  /** The command line, its arguments joined by spaces. */
  readonly command: string;
}

/**
 * A text that no other process of this machine will ever have, or null where none runs under that pid (a zombie does
 * not run).
 */
export async function processIdentity(pid: number): Promise<string | null> {
  if (!isAlive(pid)) return null;
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

/** The processes of this machine with their command lines; empty where the system offers no way to ask. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
  if (process.platform === 'linux') return listLinuxProcesses();
  if (process.platform === 'win32') return [];
  const output = await runCommand('ps', ['-axww', '-o', 'pid=,command='], { timeoutMs: PS_DEADLINE_MS });
  return output.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match?.[2] === undefined ? [] : [{ pid: Number(match[1]), command: match[2] }];
  });
}

/** Whether something runs, or lies dead and unburied, under that pid. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function linuxIdentity(pid: number): Promise<string | null> {
  const stat = await readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // proc(5): the name in parentheses may hold anything; state is the 1st field after it, the start time the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = (await readOrNull('/proc/sys/kernel/random/boot_id')) ?? '';
  return `${boot.trim()}/${fields[19]}`;
}

async function psIdentity(pid: number): Promise<string | null> {
  if (process.platform === 'win32') return 'running';
  try {
    const output = await runCommand('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      timeoutMs: PS_DEADLINE_MS,
    });
    return output.trim().startsWith('Z') ? null : output.trim().replace(/^\S+\s+/, '');
  } catch {
    // ps exits 1 where there is no such process.
    return null;
  }
}

async function listLinuxProcesses(): Promise<readonly RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      command: ((await readOrNull(`/proc/${pid}/cmdline`)) ?? '').replaceAll('\0', ' '),
    })),
  );
  return processes.filter(({ command }) => command !== '');
}

/** A process may end between two looks: its files are gone then, or not ours to read. */
async function readOrNull(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
