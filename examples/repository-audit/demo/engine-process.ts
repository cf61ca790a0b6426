import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { choosePorts } from './choose-ports.js';

/** Restarts in one demo before it is the engine's fault and not that of whoever ends it. */
const MAX_RESTARTS = 5;
const READY_DEADLINE_MS = 180_000; // the first start may download the server

export interface EngineProcessOptions {
  readonly projectRoot: string;
  readonly dataDir: string;
  readonly port: number;
  readonly say: (line: string) => void;
}

/** `chatflow up` as a process of its own: Temporal's server, its Web UI and the worker. */
export interface EngineProcess {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  /** Of the process that runs now. */
  pid(): number;
  /** Resolves when it has been stopped; rejects once it cannot be kept up. */
  readonly kept: Promise<void>;
  /** Ends it and waits until it has ended. Idempotent. */
  stop(): Promise<void>;
}

interface Ready {
  readonly temporal_address: string;
  readonly namespace: string;
  readonly temporal_ui_url: string | null;
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<string>;
}

/**
 * Starts the engine and keeps it up: where its process dies, another takes over on the same data directory and the
 * same port, and the workflow goes on from where it stood.
 * @throws Error with the process's own words where it does not get ready
 */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const { port, moved } = await choosePorts(options.port);
  if (moved) options.say(`Port ${String(options.port)} is in use; the server takes ${String(port)}.`);
  const launch = (): Promise<[Running, Ready]> => launchUp(options, port);
  let [running, ready] = await launch();
  let stopping = false;
  const keepUp = async (): Promise<void> => {
    for (let restarts = 0; ; restarts += 1) {
      const how = await running.exited;
      if (stopping) return;
      if (restarts === MAX_RESTARTS)
        throw new Error(`The engine ended ${String(restarts + 1)} times, last by ${how}`);
      options.say(
        `The engine's process ended (${how}). Starting it again on the same data: nothing is lost.`,
      );
      await delay(200 * restarts);
      [running, ready] = await launch();
      options.say(`The engine is back, as process ${String(running.child.pid)}.`);
      if (stopping) running.child.kill('SIGTERM');
    }
  };
  const kept = keepUp();
  return {
    address: ready.temporal_address,
    namespace: ready.namespace,
    uiUrl: ready.temporal_ui_url,
    pid: () => running.child.pid ?? 0,
    kept,
    stop: async () => {
      stopping = true;
      running.child.kill('SIGTERM');
      await kept.catch(() => undefined); // whoever waits for `kept` hears of it
    },
  };
}

async function launchUp(options: EngineProcessOptions, port: number): Promise<[Running, Ready]> {
  const args = ['bin/chatflow.js', 'up', '--json', '--data-dir', options.dataDir, '--port', String(port)];
  const child = spawn(process.execPath, args, {
    cwd: options.projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C is for the demo, which takes everything down in order
  });
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${String(code)}`);
    });
  });
  const words: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    words.push(chunk.toString());
    if (words.length > 50) words.shift();
  });
  const running = { child, exited };
  try {
    return [running, await readReadyLine(running)];
  } catch (error) {
    child.kill('SIGTERM');
    await exited;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`chatflow up did not get ready: ${reason}\n${words.join('').trim()}`, { cause: error });
  }
}

/** `up --json` prints one line once everything is ready. */
async function readReadyLine({ child, exited }: Running): Promise<Ready> {
  if (child.stdout === null) throw new Error('its output is not piped');
  const lines = createInterface({ input: child.stdout });
  const abort = new AbortController();
  try {
    const line = await Promise.race([
      new Promise<string>((resolve) => lines.once('line', resolve)),
      exited.then((how) => Promise.reject(new Error(how))),
      delay(READY_DEADLINE_MS, null, { signal: abort.signal }).then(() => {
        throw new Error(`not within ${String(READY_DEADLINE_MS / 1000)} s`);
      }),
    ]);
    return JSON.parse(line) as Ready; // the contract of `up --json` in the protocol
  } finally {
    abort.abort();
  }
}
