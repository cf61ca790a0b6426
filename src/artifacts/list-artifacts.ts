import type { ArtifactRef } from '../core/shapes.js';
import { folderPrefix, instancePrefix, TASK_FILES, type InstancePlace } from './artifact-layout.js';
import { refTo } from './artifact-ref.js';
import { getOrNull, type ArtifactStore } from './artifact-store.js';
import { parseTaskRecord, recordRefs } from './task-artifacts.js';

async function taskRefs(
  store: ArtifactStore,
  place: InstancePlace,
  key: string,
): Promise<readonly ArtifactRef[]> {
  const content = await getOrNull(store, key);
  if (content === null) return [];
  const record = parseTaskRecord(key, content);
  const index = record['index'];
  const task = { ...place, phase: record.phase, visit: record.visit, task: record.task };
  return recordRefs(typeof index === 'number' ? { ...task, index } : task, record, content);
}

/**
 * References to everything of an instance that lies in the store: its tasks' artifacts as last saved, its history
 * segments and its snapshots, in the order of their keys. Empty for an instance that left nothing.
 * @throws ChatFlowError `ArtifactCorruptError` for a record that cannot be read.
 */
export async function listArtifacts(
  store: ArtifactStore,
  place: InstancePlace,
): Promise<readonly ArtifactRef[]> {
  const owner = { tenant_id: place.tenant_id, instance_id: place.instance_id };
  const refs: ArtifactRef[] = [];
  for (const { key, modified_at } of await store.list(instancePrefix(owner))) {
    if (key.slice(instancePrefix(owner).length).includes('/versions/')) continue;
    if (key.startsWith(folderPrefix(owner, 'tasks'))) {
      if (key.endsWith(TASK_FILES.record)) refs.push(...(await taskRefs(store, owner, key)));
      continue;
    }
    const content = await getOrNull(store, key);
    const kind = key.startsWith(folderPrefix(owner, 'history')) ? 'history' : 'record';
    if (content !== null) refs.push(refTo(key, content, { kind, created_at: modified_at }));
  }
  return refs;
}
