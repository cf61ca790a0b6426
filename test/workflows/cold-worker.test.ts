/**
 * A worker that has an instance nowhere in its memory reads it back from its history. Where a task before left no
 * command, the SDK runs that one and the update that comes next as one, at the time of the second; a later replay takes
 * them apart (ADR 12). Both have to come to the same.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectReplays } from '../support/expect-replays.js';
import { documentOf, openTestBed, type TestBed } from './test-bed.js';

/** Longer than an upsert of search attributes holds up the next. */
const A_WHILE_MS = 1200;

const LOOP = `
phases:
  - { name: turn, task: Turn, next: [{ when: trigger.last, goto: end }, { goto: turn }] }
`;
/** With a deadline at each visit. */
const TIMED = LOOP.replace('task: Turn', 'task: Turn, timeout_sec: 3600');

const trigger = (last: boolean) => ({ task: 'turn', trigger_data: { last } });

describe('a worker that is new', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await openTestBed();
  });
  afterAll(() => bed.stop());

  const restart = async (): Promise<void> => {
    await bed.stopWorker();
    await bed.startWorker();
  };

  test('goes on with what has only been started', async () => {
    const { instance_id } = await bed.engine.startWorkflowInstance({ schema: documentOf(LOOP) });
    const id = instance_id ?? '';
    const { created_at } = await bed.engine.getWorkflowState(id);
    await delay(A_WHILE_MS);
    await restart();
    await bed.engine.triggerNextStep(id, trigger(false));
    await restart();
    await bed.engine.triggerNextStep(id, trigger(false));
    const [first] = await bed.engine.getHistory(id);
    expect(first?.timestamp).toBe(created_at);
    await bed.engine.triggerNextStep(id, trigger(true));
    await expectReplays(bed.temporal, [id]);
  });
});

describe('a worker that remembers nothing', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await openTestBed({ worker: { maxCachedWorkflows: 0 } });
  });
  afterAll(() => bed.stop());

  test('runs signals and updates as the histories say', async () => {
    const ids = await Promise.all(
      [LOOP, TIMED, LOOP, TIMED].map(async (text) => {
        const { instance_id } = await bed.engine.startWorkflowInstance({ schema: documentOf(text) });
        return instance_id ?? '';
      }),
    );
    const send = async (id: string, round: number): Promise<void> => {
      const handle = bed.temporal.workflow.getHandle(id);
      if (round % 3 !== 0) await handle.signal('trigger_next_step', trigger(false));
      if (round % 5 === 4) await handle.signal('record_artifacts', []);
      if (round % 2 === 0) await bed.engine.triggerNextStep(id, trigger(false));
    };
    for (let round = 0; round < 12; round += 1) {
      await Promise.all(ids.map((id, index) => send(id, round + index)));
      await delay((round % 4) * 350);
    }
    await expectReplays(bed.temporal, ids);
    for (const id of ids) await bed.engine.triggerNextStep(id, trigger(true));
    for (const id of ids) await bed.engine.getResult(id);
    await expectReplays(bed.temporal, ids);
  });
});
