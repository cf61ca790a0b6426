/** A server process of ours: started apart from the terminal, logged to a file, ended on purpose or with us. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.js';

const TERMINATE_DEADLINE_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const TAIL_LINES = 12;

/** How a process ended: by a code of its own, or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly pid: number;
  /** Resolves when the process has ended, whoever ended it; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** SIGTERM, and SIGKILL after ten seconds. Idempotent. */
  stop(): Promise<ProcessExit>;
  /** The last lines of its log. */
  lastWords(): Promise<string>;
}

/** Starts a program whose output goes to `logFile`; the log of the time before moves to `<logFile>.1`. */
export async function spawnServer(
  binary: string,
  args: readonly string[],
  logFile: string,
): Promise<ServerProcess> {
  await rm(`${logFile}.1`, { force: true });
  await rename(logFile, `${logFile}.1`).catch(ignoreMissing);
  const log = await open(logFile, 'w');
  // Detached: Ctrl-C in the terminal reaches us alone, and we end the server after the worker has finished.
  const child = spawn(binary, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  // Listened for at once: a program that ends at its start is gone before the log is closed.
  const exited = exitOf(child);
  try {
    await once(child, 'spawn');
  } finally {
    await log.close();
  }
  return watch(child, exited, logFile);
}

/** Ends a process that is not our child, such as a server that a killed `chatflow up` left behind. */
export async function endProcess(pid: number): Promise<void> {
  const identity = await processIdentity(pid);
  if (identity === null) return;
  const isGone = async (): Promise<boolean> => (await processIdentity(pid)) !== identity;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    sendSignal(pid, signal);
    const deadline = Date.now() + TERMINATE_DEADLINE_MS;
    while (Date.now() < deadline) {
      if (await isGone()) return;
      await delay(LOOK_AGAIN_MS);
    }
  }
  throw new Error(`process ${pid} does not end, not even on SIGKILL`);
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function watch(child: ChildProcess, ended: Promise<ProcessExit>, logFile: string): ServerProcess {
  // After 'spawn' a child has a pid.
  const pid = child.pid!;
  const endWithUs = (): void => sendSignal(pid, 'SIGTERM');
  process.once('exit', endWithUs);
  const exited = ended.finally(() => process.off('exit', endWithUs));
  return { pid, exited, stop: () => stopChild(child, exited), lastWords: () => tail(logFile) };
}

async function stopChild(child: ChildProcess, exited: Promise<ProcessExit>): Promise<ProcessExit> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), TERMINATE_DEADLINE_MS);
  try {
    return await exited;
  } finally {
    clearTimeout(impatience);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // It has ended by itself.
  }
}

async function tail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-TAIL_LINES).join('\n');
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
