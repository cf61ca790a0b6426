import {
  checkAgainstReferences,
  checkTaskArtifacts,
  findReference,
  getTaskArtifacts,
  listArtifacts,
  saveTaskArtifacts,
  taskPlace,
} from '../artifacts/index.js';
import type { InstancePlace, TaskArtifacts, TaskArtifactsInput } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import type { ArtifactRef } from '../core/shapes.js';
import { findTenant, instanceNotFound } from './access-instance.js';
import { checkInput } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { findClosingSnapshot } from './closing-snapshot.js';
import { checkTaskPlace } from './instance-definition.js';
import { OTHER_STORE } from './other-store.js';
import { readState } from './read-instance.js';
import { sendUpdate } from './send-update.js';

/** How long a reader waits for what an instance says of its artifacts: no worker may be there. */
const REFERENCES_MS = 2000;
/** With these the store has to do: every content carries its digest. */
const NOBODY_TO_ASK: readonly string[] = [
  'TemporalUnavailableError',
  'WorkerUnavailableError',
  'TimeoutError',
  'InstanceNotFoundError',
];

/**
 * Saves a task's artifacts in the store and records their references in the instance; once it has closed, in the
 * store only.
 *
 * @param phase a phase, `phase#visit`, or a task_id, of the instance's own definition
 */
export async function saveArtifacts(
  context: ClientContext,
  instanceId: string,
  phase: string,
  artifacts: TaskArtifactsInput,
): Promise<readonly ArtifactRef[]> {
  const checked = checkTaskArtifacts(artifacts);
  const place = taskPlace(await placeOf(context, instanceId), phase);
  await checkTaskPlace(context, place);
  const { refs } = await saveTaskArtifacts(context.store, place, checked);
  await recordUnlessClosed(context, instanceId, refs);
  return refs;
}

async function recordUnlessClosed(
  context: ClientContext,
  instanceId: string,
  refs: readonly ArtifactRef[],
): Promise<void> {
  try {
    await recordArtifacts(context, instanceId, refs);
  } catch (error) {
    if (!(error instanceof ChatFlowError) || error.type !== 'WorkflowClosedError') throw error;
  }
}

/** Adds references to the instance's own list. */
export async function recordArtifacts(
  context: ClientContext,
  instanceId: string,
  refs: readonly ArtifactRef[],
): Promise<void> {
  const checked = refs.map((ref, index) => checkInput(ref, `reference [${index}]`));
  await sendUpdate(context, instanceId, 'record_artifacts', checked);
}

/**
 * What was saved for a task; null where nothing was, as far as the store and the instance know.
 *
 * @throws ArtifactNotFoundError where some of it, or all, is not there any more; ArtifactCorruptError
 */
export async function readArtifacts(
  context: ClientContext,
  instanceId: string,
  phase: string,
): Promise<TaskArtifacts | null> {
  const place = taskPlace(await placeOf(context, instanceId), phase);
  const found = await getTaskArtifacts(context.store, place);
  const known = await knownReferences(context, instanceId);
  if (found !== null) await checkAgainstReferences(context.store, found, known);
  else refuseLost(context, findReference(place, known));
  return found;
}

function refuseLost({ storePlace }: ClientContext, ref: ArtifactRef | undefined): void {
  if (ref === undefined) return;
  const message = `${ref.name} was saved, and is not in ${storePlace}: ${OTHER_STORE} [uri=${ref.uri}]`;
  throw new ChatFlowError('ArtifactNotFoundError', message, { uri: ref.uri, artifacts: storePlace });
}

/** What the instance has recorded; nothing where nobody can be asked. */
async function knownReferences(context: ClientContext, instanceId: string): Promise<readonly ArtifactRef[]> {
  const deadlineMs = Math.min(context.deadlineMs, REFERENCES_MS);
  try {
    return (await readState({ ...context, deadlineMs }, instanceId)).artifacts;
  } catch (error) {
    if (error instanceof ChatFlowError && NOBODY_TO_ASK.includes(error.type)) return [];
    throw error;
  }
}

/** What the instance has recorded, and what lies in the store besides (saved after it had closed). */
export async function listInstanceArtifacts(
  context: ClientContext,
  instanceId: string,
): Promise<readonly ArtifactRef[]> {
  const state = await readState(context, instanceId);
  const { tenant_id } = state;
  const stored = await listArtifacts(context.store, { tenant_id, instance_id: instanceId });
  const known = new Set(state.artifacts.map(identify));
  const all = [...state.artifacts, ...stored.filter((ref) => !known.has(identify(ref)))];
  return all.sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0));
}

async function placeOf(context: ClientContext, instanceId: string): Promise<InstancePlace> {
  const tenant = await findTenant(context, instanceId);
  if (tenant !== null) return { tenant_id: tenant, instance_id: instanceId };
  const snapshot = await findClosingSnapshot(context, instanceId, null);
  if (snapshot === null) throw instanceNotFound(context, instanceId);
  return { tenant_id: snapshot.state.tenant_id, instance_id: instanceId };
}

function identify(ref: ArtifactRef): string {
  return `${ref.uri} ${ref.sha256}`;
}
