/**
 * The closed loop. `inFlight` callers each take the next instance, start it, and send its triggers one by one; a
 * caller goes on only when the phase is applied. An update says so itself. Behind a signal the caller asks the
 * status query once: the server answers a query only after the workflow task that is pending before it (read your
 * writes), so one query is enough, with no polling. The end of an instance is awaited as its result.
 */
import type { Client, WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { Contender, Mode, Step } from './contender.js';
import { eachInFlight } from './in-flight.js';
import { sendUpdate } from './send-update.js';

export interface DrivePlan {
  readonly mode: Mode;
  readonly inFlight: number;
  readonly instances: number;
  readonly steps: readonly Step[];
  /** Ids are made of it: unlike for every drive on a server. */
  readonly label: string;
}

export interface DriveResult {
  readonly ids: readonly string[];
  /** Of the whole drive, starts included. */
  readonly seconds: number;
  /** One latency a step, in milliseconds. */
  readonly stepMs: readonly number[];
  /** Updates that had to be sent again. */
  readonly retries: number;
}

/** Drives instances through their steps; rejects where an answer is not the one that was due. */
export async function drive(client: Client, contender: Contender, plan: DrivePlan): Promise<DriveResult> {
  const ids = Array.from(
    { length: plan.instances },
    (_, index) => `${plan.label}-${contender.name}-${index}`,
  );
  const stepMs: number[] = [];
  let retries = 0;
  const onRetry = (): void => {
    retries += 1;
  };
  const startedAt = performance.now();
  await eachInFlight(ids, plan.inFlight, async (id) => {
    const handle = await startInstance(client, contender, id);
    for (const step of plan.steps)
      stepMs.push(await timed(() => takeStep(handle, contender, { mode: plan.mode, step, onRetry })));
  });
  return { ids, seconds: (performance.now() - startedAt) / 1000, stepMs, retries };
}

/** Starts one instance. */
export function startInstance(
  client: Client,
  contender: Contender,
  id: string,
): Promise<WorkflowHandleWithStartDetails> {
  return client.workflow.start(contender.workflowType, { ...contender.startOptions(id), workflowId: id });
}

export interface StepPlan {
  readonly mode: Mode;
  readonly step: Step;
  readonly onRetry?: () => void;
}

/** Sends one trigger, and returns once it is applied. */
export async function takeStep(
  handle: WorkflowHandleWithStartDetails,
  contender: Contender,
  { mode, step, onRetry = () => undefined }: StepPlan,
): Promise<void> {
  const name = contender.trigger;
  const argument = contender.triggerArgument(step);
  if (mode === 'update') {
    const updateId = `${step.phase}-${String(step.visit)}`;
    const answer = await sendUpdate(handle, { name, argument, updateId }, onRetry);
    return expectPhase(contender, step, answer);
  }
  await handle.signal(name, argument);
  if (step.next === null) await handle.result();
  else expectPhase(contender, step, await handle.query(contender.statusQuery));
}

function expectPhase(contender: Contender, step: Step, answer: unknown): void {
  const phase = contender.phaseIn(answer);
  if (phase === step.next) return;
  throw new Error(
    `${contender.name}: after ${step.phase} comes ${String(step.next)}, not ${String(phase)}: ${JSON.stringify(answer)}`,
  );
}

async function timed(action: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}
