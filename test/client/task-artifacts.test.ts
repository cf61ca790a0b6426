/** What an instance knows of its tasks' artifacts: visits that were, and references to what is gone from the store. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const schema = {
  name: 'loop',
  version: '1.0',
  phases: [
    { name: 'plan', next: [{ when: 'phases.plan.visits < 2', goto: 'plan' }, { goto: 'code' }] },
    { name: 'code', task: 'Code', early: 'keep' },
  ],
};

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

async function start(): Promise<string> {
  return (await setup.engine.startWorkflowInstance({ schema })).instance_id ?? '';
}

describe('artifacts of a visit that never was', () => {
  test('are refused, with the last one that was', async () => {
    const id = await start();
    const refuse = async (phase: string, message: RegExp): Promise<void> => {
      const save = setup.engine.saveTaskArtifacts(id, phase, { prompt: 'x' });
      expect((await expectChatFlowError('InvalidInputError', save)).message).toMatch(message);
    };
    await refuse('plan#99999', /no visit plan#99999: its last visit is plan#1$/);
    await refuse('plan#2/plan', /no visit plan#2: its last visit is plan#1$/);
    await refuse('code#2', /no visit code#2: it has not been entered$/);
    expect(await setup.engine.listArtifacts(id)).toEqual([]);
    await setup.engine.triggerNextStep(id);
    await setup.engine.saveTaskArtifacts(id, 'plan', { prompt: 'first' });
    await setup.engine.saveTaskArtifacts(id, 'plan#2', { prompt: 'second' });
    await refuse('plan#3', /its last visit is plan#2$/);
    await setup.engine.triggerNextStep(id);
    // Its task keeps what comes early: the next visit may be worked for.
    await setup.engine.saveTaskArtifacts(id, 'code#2', { prompt: 'ahead' });
    await refuse('code#3', /its last visit is code#1$/);
  });

  test('are refused of an instance that has completed, whose last visits are known', async () => {
    const id = await start();
    for (let visit = 1; visit <= 3; visit++) await setup.engine.triggerNextStep(id);
    await setup.engine.getResult(id);
    await setup.engine.saveTaskArtifacts(id, 'plan#2', { prompt: 'late' });
    await expectChatFlowError(
      'InvalidInputError',
      setup.engine.saveTaskArtifacts(id, 'plan#3', { prompt: 'x' }),
    );
  });
});

describe('artifacts that are gone from the store', () => {
  const tasks = (id: string): string =>
    join(setup.config.artifact_store.root, 'default', 'instances', id, 'tasks');

  test.each(['plan.prompt.md', 'plan.ai_response.md', 'plan.json'])(
    'are an error that names the missing file: %s',
    async (file) => {
      const id = await start();
      await setup.engine.saveTaskArtifacts(id, 'plan', { prompt: 'p', ai_response: 'r' });
      await rm(join(tasks(id), file));
      const error = await expectChatFlowError(
        'ArtifactNotFoundError',
        setup.engine.getTaskArtifacts(id, 'plan'),
      );
      expect(error.message).toContain(`tasks/${file}`);
    },
  );

  test('are an error where the instance knows of them, be all of them gone', async () => {
    const id = await start();
    await setup.engine.saveTaskArtifacts(id, 'plan', { prompt: 'p' });
    await rm(tasks(id), { recursive: true });
    const error = await expectChatFlowError(
      'ArtifactNotFoundError',
      setup.engine.getTaskArtifacts(id, 'plan'),
    );
    expect(error.message).toContain('plan.json was saved');
    expect(await setup.engine.getTaskArtifacts(id, 'plan#2')).toBeNull();
  });
});
