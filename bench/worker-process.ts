/** The driver's side of a worker that runs in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readCpuMs, readRssBytes } from './process-usage.js';
import type { WorkerAnswer, WorkerCommand, WorkerSettings } from './worker-messages.js';

export class WorkerProcess {
  private readonly child: ChildProcess;
  readonly pid: number;

  private constructor(child: ChildProcess) {
    this.child = child;
    if (child.pid === undefined) throw new Error('The worker process did not start');
    this.pid = child.pid;
  }

  /** Starts the module as a process, and its worker; resolves once the worker polls. */
  static async start(module: URL, settings: WorkerSettings): Promise<WorkerProcess> {
    const probe = new URL('./probe.js', import.meta.url).href;
    const child = fork(fileURLToPath(module), {
      execArgv: ['--expose-gc', '--import', probe],
      // Words of a worker belong on stderr: stdout is the document.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const worker = new WorkerProcess(child);
    await worker.ask({ type: 'start', settings });
    return worker;
  }

  get cpuMs(): number {
    return readCpuMs(this.pid);
  }

  get rssBytes(): number {
    return readRssBytes(this.pid);
  }

  /** Collects the garbage of every thread; answers the bytes in use on all heaps. */
  async collectGarbage(): Promise<number> {
    const answer = await this.ask({ type: 'collect_garbage' });
    return answer.type === 'heap' ? answer.used_bytes : 0;
  }

  async startProfile(): Promise<void> {
    await this.ask({ type: 'start_profile' });
  }

  /** Writes one `.cpuprofile` a thread; the prefix is a path without an extension. */
  async stopProfile(filePrefix: string): Promise<void> {
    await this.ask({ type: 'stop_profile', file_prefix: filePrefix });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    await this.ask({ type: 'stop' });
    this.child.disconnect();
    await exited;
  }

  /** For the way out after a failure: no farewell. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  private ask(command: WorkerCommand): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.child.off('message', receive);
        this.child.off('exit', die);
      };
      const receive = (message: unknown): void => {
        settle();
        const answer = message as WorkerAnswer; // the child sends nothing else over this pipe
        if (answer.type === 'failed')
          reject(new Error(`The worker failed at ${command.type}: ${answer.message}`));
        else resolve(answer);
      };
      const die = (code: number | null): void => {
        settle();
        reject(new Error(`The worker ended at ${command.type} [exit code=${String(code)}]`));
      };
      this.child.on('message', receive);
      this.child.on('exit', die);
      this.child.send(command);
    });
  }
}
