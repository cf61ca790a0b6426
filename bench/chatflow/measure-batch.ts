/** What `trigger_batch` saves: ten triggers in one update against ten updates. */
import type { WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { TriggerInput, TriggerResult } from '../../src/core/shapes.js';
import { startInstance } from '../drive.js';
import { eachInFlight } from '../in-flight.js';
import { sendUpdate } from '../send-update.js';
import { median, rounded } from '../statistics.js';
import type { TestBed } from '../test-bed.js';
import { manyTasksContender } from './contender.js';

export interface BatchCost {
  /** Medians over the rounds. */
  readonly single_triggers_per_second: number;
  readonly batch_triggers_per_second: number;
  /** Batches of ten over single triggers, the median of the rounds' own. */
  readonly batch_over_single: number;
}

export interface BatchPlan {
  readonly rounds: number;
  readonly instances: number;
  readonly inFlight: number;
  /** Tasks of one instance: a multiple of ten. */
  readonly tasks: number;
}

const BATCH = 10;

/** Closes the tasks of one phase, one by one and ten by ten; starts are not timed. */
export async function measureBatch(bed: TestBed, plan: BatchPlan): Promise<BatchCost> {
  const rounds: { single: number; batch: number }[] = [];
  for (let index = 0; index < plan.rounds; index += 1) {
    const label = `batch-${String(index)}`;
    const single = await triggersPerSecond(bed, plan, `${label}-1`, 1);
    rounds.push({ single, batch: await triggersPerSecond(bed, plan, `${label}-10`, BATCH) });
  }
  return {
    single_triggers_per_second: rounded(median(rounds.map((round) => round.single))),
    batch_triggers_per_second: rounded(median(rounds.map((round) => round.batch))),
    batch_over_single: rounded(median(rounds.map((round) => round.batch / round.single))),
  };
}

async function triggersPerSecond(
  bed: TestBed,
  plan: BatchPlan,
  label: string,
  size: number,
): Promise<number> {
  const contender = manyTasksContender(plan.tasks);
  const ids = Array.from({ length: plan.instances }, (_, index) => `${label}-${String(index)}`);
  const handles = await Promise.all(ids.map((id) => startInstance(bed.client, contender, id)));
  await Promise.all(handles.map((handle) => handle.query(contender.statusQuery)));
  const startedAt = performance.now();
  await eachInFlight(handles, plan.inFlight, (handle) => closeTasks(handle, plan.tasks, size));
  return (plan.instances * plan.tasks * 1000) / (performance.now() - startedAt);
}

async function closeTasks(
  handle: WorkflowHandleWithStartDetails,
  tasks: number,
  size: number,
): Promise<void> {
  for (let first = 0; first < tasks; first += size) {
    const triggers = Array.from({ length: size }, (_, offset) => triggerOf(first + offset));
    const [only] = triggers;
    const request =
      size === 1 && only !== undefined
        ? { name: 'trigger_next_step', argument: only, updateId: `from-${String(first)}` }
        : { name: 'trigger_batch', argument: triggers, updateId: `from-${String(first)}` };
    const answer = (await sendUpdate(handle, request, () => undefined)) as TriggerResult | TriggerResult[];
    const results = Array.isArray(answer) ? answer : [answer];
    const refused = results.find((result) => !result.applied);
    if (refused !== undefined) throw new Error(`A trigger was refused: ${JSON.stringify(refused)}`);
  }
}

function triggerOf(index: number): TriggerInput {
  const task = `work#1/work[${String(index)}]`;
  return { task, trigger_id: `${task}/1`, trigger_data: { done: true } };
}
