/**
 * Preloaded (`--import`) into every thread of a worker's process, the workflow isolate's included: garbage is
 * collected and profiles are taken where workflow code runs, with no change to the worker that is measured.
 */
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { getHeapStatistics } from 'node:v8';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import { PROBE_CHANNEL, type WorkerCommand } from './worker-messages.js';

/** One request to all threads; each answers with its id. */
export interface ProbeRequest {
  readonly command: WorkerCommand;
}

export type ProbeReply =
  | { readonly type: 'hello'; readonly thread: number }
  | { readonly type: 'reply'; readonly thread: number; readonly used_bytes: number };

let profiler: Session | null = null;

/** Does what the driver asks, in this thread; answers the bytes in use on its heap. */
export async function probeThread(command: WorkerCommand): Promise<number> {
  if (command.type === 'collect_garbage') collectGarbage();
  if (command.type === 'start_profile') await startProfile();
  if (command.type === 'stop_profile') await stopProfile(command.file_prefix);
  return getHeapStatistics().used_heap_size;
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('The worker process runs without --expose-gc');
  globalThis.gc();
  globalThis.gc();
}

async function startProfile(): Promise<void> {
  profiler = new Session();
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.start');
}

async function stopProfile(filePrefix: string): Promise<void> {
  if (profiler === null) return;
  const { profile } = await profiler.post('Profiler.stop');
  await writeFile(`${filePrefix}-thread-${String(threadId)}.cpuprofile`, JSON.stringify(profile));
  profiler.disconnect();
  profiler = null;
}

if (!isMainThread) {
  const channel = new BroadcastChannel(PROBE_CHANNEL);
  channel.onmessage = (event): void => {
    const request = (event as { data: ProbeRequest | ProbeReply }).data;
    if (!('command' in request)) return;
    void probeThread(request.command).then((usedBytes) => {
      channel.postMessage({ type: 'reply', thread: threadId, used_bytes: usedBytes } satisfies ProbeReply);
    });
  };
  channel.unref();
  channel.postMessage({ type: 'hello', thread: threadId } satisfies ProbeReply);
}
