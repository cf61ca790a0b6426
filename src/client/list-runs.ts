import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { ClientContext } from './client-context.js';
import { toSummary } from './instance-summary.js';
import type { InstanceSummary } from './requests.js';

const PAGE_SIZE = 1000;

/** One run of an instance, as Temporal's list tells it. */
export interface RunSummary {
  readonly instance: InstanceSummary;
  /** False where the instance went on in a new run. */
  readonly isLast: boolean;
}

/** Runs that meet a query of the visibility language, all pages of them, open ones first. Its caller sets the deadline. */
export async function* listRuns(
  context: ClientContext,
  query: string,
  pageSize: number = PAGE_SIZE,
): AsyncIterable<RunSummary> {
  for await (const run of context.client.workflow.list({ query, pageSize })) yield toRun(run);
}

function toRun(run: WorkflowExecutionInfo): RunSummary {
  return { instance: toSummary(run), isLast: run.status.name !== 'CONTINUED_AS_NEW' };
}

/**
 * One row an instance, newest first: what its latest run says, with the time at which the first run began that the
 * server still knows. Instances whose latest run is not among the runs are left out. Pure.
 */
export function collapseRuns(runs: Iterable<RunSummary>): readonly InstanceSummary[] {
  const instances = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const known = instances.get(run.instance.instance_id);
    if (known === undefined) instances.set(run.instance.instance_id, [run]);
    else known.push(run);
  }
  return [...instances.values()]
    .map((ofOne) => ofOne.sort(byStart))
    .flatMap((ofOne) => toInstance(ofOne))
    .sort((a, b) => compare(b.created_at, a.created_at) || compare(b.instance_id, a.instance_id));
}

/** From the runs of one instance in the order of their start. */
function toInstance(runs: readonly RunSummary[]): readonly InstanceSummary[] {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined || !last.isLast) return [];
  return [{ ...last.instance, created_at: first.instance.created_at }];
}

/** Of two that began in the same millisecond, the one that did not go on is the later. */
function byStart(a: RunSummary, b: RunSummary): number {
  const order = compare(a.instance.created_at, b.instance.created_at);
  return order === 0 ? Number(a.isLast) - Number(b.isLast) : order;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
