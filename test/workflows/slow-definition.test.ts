/**
 * A child whose definition comes as its first workflow task is renewed: Temporal renews one after four fifths of its
 * five seconds. What came meanwhile is then heard at another time in a replay than it was, and must lead to the same.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createArtifactStore, type ArtifactStore } from '../../src/artifacts/index.js';
import { loadConfig } from '../../src/platform/config.js';
import { expectReplays } from '../support/expect-replays.js';
import { openTestBed, type TestBed } from './test-bed.js';

const PATIENCE = { timeout: 30_000, interval: 50 };

/** How long each child's definition takes, in milliseconds. */
const READS = [3_900, 3_980, 4_000, 4_020, 4_040, 4_060, 4_080, 4_100, 4_150, 4_200, 4_400, 4_800];

const PARENT = `
phases:
  - name: split
    tasks:
      - name: parts
        foreach: "${JSON.stringify(READS.map((_, index) => index))}"
        on_failure: continue
        max_parallel: ${READS.length}
        subworkflow:
          name: slow
          version: "1"
          phases:
            - { name: first, task: First, timeout_sec: 3600 }
            - { name: second, task: Second }
`;

let folder: string;
let bed: TestBed;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatflow-slow-'));
  const store = createArtifactStore(loadConfig({ cwd: folder, env: {} }).artifact_store);
  bed = await openTestBed({ store: slowToRead(store) });
});

afterAll(async () => {
  await bed.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The same store; each read takes its time. */
function slowToRead(store: ArtifactStore): ArtifactStore {
  const read = store.get.bind(store);
  let reads = 0;
  const get = async (key: string): Promise<Uint8Array> => {
    await delay(READS[reads++ % READS.length]);
    return read(key);
  };
  return Object.assign(store, { get });
}

/** The children that the server has begun. */
async function childrenOf(id: string): Promise<readonly string[]> {
  const { events } = await bed.temporal.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(
    (event) => event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId ?? [],
  );
}

test('replays as it ran, whatever came while the definition was read', async () => {
  const { workflowId: id } = await bed.start(PARENT);
  await expect.poll(async () => (await childrenOf(id)).length, PATIENCE).toBe(READS.length);
  const children = (await childrenOf(id)).map((child) => bed.temporal.workflow.getHandle(child));
  for (let round = 0; round < 10; round += 1) {
    for (const child of children) await child.signal(round % 2 === 0 ? 'pause' : 'resume', {});
    await delay(100);
  }
  for (const [index, child] of children.entries())
    await (index % 3 === 2 ? child.cancel() : child.signal('trigger_next_step', {}));
  const isOver = async (index: number): Promise<boolean> => {
    const { current_phase, status } = await bed.engine.getWorkflowStatusInfo(
      children[index]?.workflowId ?? '',
    );
    return index % 3 === 2 ? status === 'cancelled' : current_phase === 'second';
  };
  for (const index of children.keys()) await expect.poll(() => isOver(index), PATIENCE).toBe(true);
  await expectReplays(bed.temporal, [id, ...children.map(({ workflowId }) => workflowId)]);
});
