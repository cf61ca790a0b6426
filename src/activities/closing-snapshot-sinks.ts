import type { InjectedSinks } from '@temporalio/worker';
import { writeSnapshotText, type ArtifactStore } from '../artifacts/index.js';
import type { SnapshotSinks } from '../workflows/messages.js';

/** Says that a snapshot could not be kept; Temporal still has the instance until its retention is over. */
export type ReportFailure = (facts: { readonly instance_id: string; readonly error: unknown }) => void;

/** Keeps closing snapshots in the store. A sink adds no event to the history, where an activity would add six. */
export function closingSnapshotSinks(
  store: ArtifactStore,
  report: ReportFailure,
): InjectedSinks<SnapshotSinks> {
  return {
    chatflow: {
      writeSnapshot: {
        callDuringReplay: false,
        fn: async (_info, place, text) => {
          try {
            await writeSnapshotText(store, place, text);
          } catch (error) {
            report({ instance_id: place.instance_id, error });
          }
        },
      },
    },
  };
}
