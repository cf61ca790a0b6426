import { writeSnapshot, type ArtifactStore } from '../artifacts/index.js';
import type { ArtifactRef } from '../core/shapes.js';
import type { WriteSnapshotInput } from './activity-types.js';

/** The activity `chatflow.writeSnapshot`: the same run's snapshot again gives the same reference. */
export function createWriteSnapshot(
  store: ArtifactStore,
): (input: WriteSnapshotInput) => Promise<ArtifactRef> {
  return (input) => writeSnapshot(store, input, input.snapshot);
}
