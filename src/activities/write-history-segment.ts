import { writeHistorySegment, type ArtifactStore } from '../artifacts/index.js';
import type { ArtifactRef } from '../core/shapes.js';
import type { WriteHistorySegmentInput } from './activity-types.js';

/** The activity `chatflow.writeHistorySegment`: the same events again give the same reference. */
export function createWriteHistorySegment(
  store: ArtifactStore,
): (input: WriteHistorySegmentInput) => Promise<ArtifactRef> {
  return (input) => writeHistorySegment(store, input, input.events);
}
