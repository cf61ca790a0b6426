import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { choosePorts } from './choose-ports.js';
import { EngineRefused, parseReadyLine, type Ready } from './ready-line.js';

/** Restarts in one demo before it is the engine's fault and not that of whoever ends it. */
const MAX_RESTARTS = 5;
/** Ports tried where another program is faster. */
const MAX_PORTS = 3;
const READY_DEADLINE_MS = 180_000; // the first start may download the server
/** How long the engine of a demo that was killed may take to end, and how often we look. */
const HELD_DEADLINE_MS = 30_000;
const HELD_LOOK_MS = 1000;

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

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<string>;
}

/**
 * Starts the engine and keeps it up: where its process dies, another takes over on the same data directory and the
 * same port, and the workflow goes on from where it stood.
 * @throws EngineRefused where it says why it does not start; else Error with the process's own words
 */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const { port, launched } = await launchOnFreePort(options);
  let [running, ready] = launched;
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
      [running, ready] = await launchWhenFree(options, port);
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

/** Between the look for a port and the launch another program may take it: then another one is looked for. */
async function launchOnFreePort(
  options: EngineProcessOptions,
): Promise<{ readonly port: number; readonly launched: [Running, Ready] }> {
  for (let attempt = 1; ; attempt += 1) {
    const { port, moved } = await choosePorts(options.port);
    if (moved) options.say(`Port ${String(options.port)} is in use; the server takes ${String(port)}.`);
    try {
      return { port, launched: await launchWhenFree(options, port) };
    } catch (error) {
      const taken = error instanceof EngineRefused && error.type === 'AddressInUseError';
      if (!taken || attempt === MAX_PORTS) throw error;
    }
  }
}

/** An engine ends with its demo, but not in the same moment: one that still holds the data directory is waited for. */
async function launchWhenFree(options: EngineProcessOptions, port: number): Promise<[Running, Ready]> {
  const deadline = Date.now() + HELD_DEADLINE_MS;
  for (let told = false; ; told = true) {
    try {
      return await launchUp(options, port);
    } catch (error) {
      const held = error instanceof EngineRefused && error.type === 'DataDirectoryInUseError';
      if (!held || Date.now() > deadline) throw error;
      if (!told) options.say(`Another engine still holds ${options.dataDir}; waiting for it to end …`);
      await delay(HELD_LOOK_MS);
    }
  }
}

async function launchUp(options: EngineProcessOptions, port: number): Promise<[Running, Ready]> {
  const where = ['--data-dir', options.dataDir, '--port', String(port)];
  const args = ['bin/chatflow.js', 'up', '--json', '--end-with-stdin', ...where];
  const child = spawn(process.execPath, args, {
    cwd: options.projectRoot,
    // Children are found by name: in the examples, wherever the demo was started.
    env: { ...process.env, CHATFLOW_DEFINITIONS: JSON.stringify([join(options.projectRoot, 'examples')]) },
    // The pipe to its standard input closes when this process dies, even by kill -9: then it ends too.
    stdio: ['pipe', 'pipe', 'pipe'],
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
  child.stdin.on('error', () => undefined); // it has ended, which `exited` tells
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
    if (error instanceof EngineRefused) throw error;
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
    const first = new Promise<string>((resolve) => lines.once('line', resolve));
    const line = await Promise.race([
      first,
      // What it has said before its end may still be in the pipe.
      exited.then((how) => Promise.race([first, delay(500).then(() => Promise.reject(new Error(how)))])),
      delay(READY_DEADLINE_MS, null, { signal: abort.signal }).then(() => {
        throw new Error(`not within ${String(READY_DEADLINE_MS / 1000)} s`);
      }),
    ]);
    return parseReadyLine(line);
  } finally {
    abort.abort();
  }
}
