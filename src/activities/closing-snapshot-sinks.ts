import type { InjectedSinks } from '@temporalio/worker';
import { writeSnapshot, type ArtifactStore } from '../artifacts/index.js';
import type { Snapshot } from '../workflows/messages.js';

/** Says that a snapshot could not be kept; Temporal still has the instance until its retention is over. */
export type ReportFailure = (facts: { readonly instance_id: string; readonly error: unknown }) => void;

/** Keeps closing snapshots in the store. A sink adds no event to the history, where an activity would add six. */
export function closingSnapshotSinks(
  store: ArtifactStore,
  report: ReportFailure,
): InjectedSinks<{ chatflow: { writeSnapshot(snapshot: Snapshot): void } }> {
  return {
    chatflow: {
      writeSnapshot: {
        callDuringReplay: false,
        fn: async (_info, snapshot) => {
          const { tenant_id, instance_id } = snapshot.state;
          try {
            await writeSnapshot(store, { tenant_id, instance_id }, snapshot);
          } catch (error) {
            report({ instance_id, error });
          }
        },
      },
    },
  };
}
