/** Artifacts: what is too big for a history, behind one port. */
export * from './artifact-store.js';
export { checkArtifactKey, checkArtifactPrefix, encodeKeySegment } from './artifact-key.js';
export { createMemoryArtifactStore } from './memory-artifact-store.js';
export {
  artifactPath,
  createFileArtifactStore,
  type FileArtifactStoreOptions,
} from './file-artifact-store.js';
export { createArtifactStore, type ArtifactStoreConfig } from './create-artifact-store.js';
export * from './artifact-layout.js';
export { artifactKeyOf, artifactUri, readArtifact } from './artifact-ref.js';
export { checkTaskArtifacts } from './check-task-artifacts.js';
export {
  checkAgainstReferences,
  findReference,
  getTaskArtifacts,
  saveTaskArtifacts,
  type TaskArtifactRecord,
  type TaskArtifacts,
  type TaskArtifactsInput,
} from './task-artifacts.js';
export { readHistorySegment, writeHistorySegment } from './history-segment.js';
export {
  readSnapshot,
  writeSnapshot,
  writeSnapshotText,
  type ClosingSnapshot,
  type SnapshotPlace,
} from './closing-snapshot.js';
export { listArtifacts } from './list-artifacts.js';
export { createDefinitionFolders, type DefinitionFile, type DefinitionFolders } from './definition-files.js';
