import type { InjectedSinks } from '@temporalio/worker';
import type { ArtifactStore } from '../artifacts/index.js';
import type { SnapshotSinks } from '../workflows/messages.js';
import { SnapshotKeeper, type KeeperLimits, type SnapshotReports } from './snapshot-keeper.js';

/** A worker's part in keeping closing snapshots. */
export interface ClosingSnapshots {
  readonly sinks: InjectedSinks<SnapshotSinks>;
  /** To be awaited once the worker has stopped: tries once more what the store could not take, then reports it lost. */
  flush(): Promise<void>;
}

/** Keeps closing snapshots in the store. A sink adds no event to the history, where an activity would add six. */
export function keepClosingSnapshots(
  store: ArtifactStore,
  reports: SnapshotReports,
  limits: Partial<KeeperLimits> = {},
): ClosingSnapshots {
  const keeper = new SnapshotKeeper(store, reports, limits);
  const writeSnapshot = {
    callDuringReplay: false,
    fn: (_info: unknown, ...[place, text]: Parameters<SnapshotKeeper['keep']>) => keeper.keep(place, text),
  };
  return { sinks: { chatflow: { writeSnapshot } }, flush: () => keeper.flush() };
}

/** The sinks alone, for a worker that ends with its process. */
export function closingSnapshotSinks(
  store: ArtifactStore,
  report: SnapshotReports['failed'],
): InjectedSinks<SnapshotSinks> {
  return keepClosingSnapshots(store, { failed: report }).sinks;
}
