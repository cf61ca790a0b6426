/** How long a worker takes to come back to where an instance was, from its history alone. */
import type { Client } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Contender } from './contender.js';
import { startInstance, takeStep } from './drive.js';
import { median, rounded } from './statistics.js';
import { reworkWalk, straightWalk } from './walk.js';

export interface ReplayCost {
  readonly ms_per_event: number;
  readonly events: number;
  readonly total_ms: number;
}

type History = Awaited<ReturnType<Awaited<ReturnType<typeof startInstance>>['fetchHistory']>>;

export interface ReplayPlan {
  /** How often review sends the work back: two triggers each. */
  readonly laps: number;
  readonly times: number;
}

/** Records one long instance by updates and one short one, and replays the long one `times` behind the short. */
export async function measureReplay(
  client: Client,
  contender: Contender,
  workflowBundle: WorkflowBundleOption,
  plan: ReplayPlan,
): Promise<ReplayCost> {
  const short = await record(client, contender, 'replay-short', straightWalk().slice(0, -1));
  const long = await record(client, contender, 'replay-long', reworkWalk(plan.laps).slice(0, -1));
  const histories = [short, ...Array.from({ length: plan.times }, () => long)];
  const [, ...longMs] = await replayTimes(workflowBundle, histories);
  const totalMs = median(longMs);
  const events = long.history.events?.length ?? 0;
  return { ms_per_event: rounded(totalMs / events), events, total_ms: rounded(totalMs) };
}

interface Recorded {
  readonly workflowId: string;
  readonly history: History;
}

async function record(
  client: Client,
  contender: Contender,
  label: string,
  steps: ReturnType<typeof straightWalk>,
): Promise<Recorded> {
  const workflowId = `${label}-${contender.name}`;
  const handle = await startInstance(client, contender, workflowId);
  for (const step of steps) await takeStep(handle, contender, { mode: 'update', step });
  const history = await handle.fetchHistory();
  await handle.terminate('recorded');
  return { workflowId, history };
}

/** Milliseconds from one result to the next; the first includes the start of the replay worker. */
async function replayTimes(
  workflowBundle: WorkflowBundleOption,
  histories: readonly Recorded[],
): Promise<number[]> {
  const times: number[] = [];
  let before = performance.now();
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (result.error !== undefined) throw result.error;
    const now = performance.now();
    times.push(now - before);
    before = now;
  }
  return times;
}
