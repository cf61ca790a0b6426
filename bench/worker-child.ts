/** The side of the pipe that runs in a worker's process. */
import { BroadcastChannel } from 'node:worker_threads';
import { probeThread, type ProbeReply } from './probe.js';
import {
  PROBE_CHANNEL,
  type WorkerAnswer,
  type WorkerCommand,
  type WorkerSettings,
} from './worker-messages.js';

/** A worker that polls, until it is told to stop. */
export interface RunningWorker {
  readonly stop: () => Promise<void>;
}

const threads = new Set<number>();
const channel = new BroadcastChannel(PROBE_CHANNEL);
const listeners = new Set<(reply: ProbeReply) => void>();
channel.onmessage = (event): void => {
  const reply = (event as { data: ProbeReply }).data; // nothing else is sent over this channel to the main thread
  if (reply.type === 'hello') threads.add(reply.thread);
  for (const listener of listeners) listener(reply);
};
channel.unref();

/** Answers the driver's commands until it says stop, or goes away. */
export async function serveUntilStopped(
  start: (settings: WorkerSettings) => Promise<RunningWorker>,
): Promise<void> {
  let worker: RunningWorker | null = null;
  const answer = async (command: WorkerCommand): Promise<WorkerAnswer> => {
    if (command.type === 'start') worker = await start(command.settings);
    else if (command.type === 'stop') await worker?.stop();
    else return { type: 'heap', used_bytes: await probeAllThreads(command) };
    return { type: 'done' };
  };

  process.on('message', (command: WorkerCommand) => {
    void answer(command).then(tellDriver, (error: unknown) => {
      tellDriver({ type: 'failed', message: error instanceof Error ? String(error.stack) : String(error) });
    });
  });
  // The interrupt of a terminal reaches every process of its group: the driver decides when workers end.
  process.on('SIGINT', () => undefined);
  await new Promise<void>((resolve) => process.once('disconnect', () => resolve()));
  process.exit(0);
}

function tellDriver(answer: WorkerAnswer): void {
  if (process.send === undefined)
    throw new Error('A bench worker is started by the bench, with a pipe to it');
  process.send(answer);
}

async function probeAllThreads(command: WorkerCommand): Promise<number> {
  const others = waitForReplies();
  channel.postMessage({ command });
  const own = await probeThread(command);
  return own + (await others);
}

function waitForReplies(): Promise<number> {
  if (threads.size === 0) return Promise.resolve(0);
  return new Promise((resolve) => {
    const missing = new Set(threads);
    let usedBytes = 0;
    const receive = (reply: ProbeReply): void => {
      if (reply.type !== 'reply' || !missing.delete(reply.thread)) return;
      usedBytes += reply.used_bytes;
      if (missing.size > 0) return;
      listeners.delete(receive);
      resolve(usedBytes);
    };
    listeners.add(receive);
  });
}
