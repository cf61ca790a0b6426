/** Worker processes that are killed in rotation: at each tick the oldest that polls, and a new one takes its place. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

const program = fileURLToPath(new URL('../support/fixtures/killable-worker.mjs', import.meta.url));

export interface RotationOptions {
  /** Where the workers find their server, namespace and configuration. */
  readonly env: NodeJS.ProcessEnv;
  /** How many processes there are at once: at least two. */
  readonly processes: number;
  readonly everyMs: number;
  readonly workerOptions?: Partial<WorkerOptions>;
}

interface WorkerProcess {
  readonly process: ChildProcess;
  polls: boolean;
}

export class WorkerRotation {
  /** Pids of those that were polling when they were killed, in order. */
  readonly killed: number[] = [];
  private readonly options: RotationOptions;
  /** Oldest first. */
  private workers: WorkerProcess[] = [];
  private readonly ended = new AbortController();
  private rotating: Promise<void> = Promise.resolve();

  constructor(options: RotationOptions) {
    this.options = options;
  }

  /** Returns once one worker polls; from then on one is killed at each tick, until `endKilling`. */
  async start(): Promise<void> {
    const { processes } = this.options;
    const first = Array.from({ length: processes }, () => this.spawn());
    await Promise.race(first);
    this.rotating = this.rotate();
  }

  /** Lets those that are there live on, and waits for what had been begun. */
  async endKilling(): Promise<void> {
    this.ended.abort();
    await this.rotating;
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    await this.endKilling();
    await Promise.all(this.workers.map((worker) => kill(worker)));
    this.workers = [];
  }

  private async rotate(): Promise<void> {
    const { signal } = this.ended;
    for (;;) {
      await delay(this.options.everyMs, null, { signal }).catch(() => null);
      if (signal.aborted) return;
      // Where starting takes longer than dying, nobody would ever get anything done: then the next tick will do.
      const [oldest, another] = this.workers.filter(({ polls }) => polls);
      if (oldest && another) await this.replace(oldest);
    }
  }

  private async replace(worker: WorkerProcess): Promise<void> {
    this.workers = this.workers.filter((other) => other !== worker);
    void this.spawn();
    const { pid } = worker.process;
    const signal = await kill(worker);
    if (pid === undefined || signal !== 'SIGKILL') throw new Error(`a worker ended by itself: ${signal}`);
    this.killed.push(pid);
  }

  /** Resolves when the new process polls; never where it is killed before. */
  private spawn(): Promise<void> {
    const { env, workerOptions = {} } = this.options;
    const child = spawn(process.execPath, [program], {
      env: { ...env, CHATFLOW_TEST_WORKER_OPTIONS: JSON.stringify(workerOptions) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const worker: WorkerProcess = { process: child, polls: false };
    this.workers.push(worker);
    return new Promise((resolve) => {
      child.stdout.once('data', () => {
        worker.polls = true;
        resolve();
      });
    });
  }
}

/** kill -9; resolves with the signal that ended it. */
async function kill({ process: child }: WorkerProcess): Promise<string | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  return child.signalCode;
}
