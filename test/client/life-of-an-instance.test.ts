import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

/** Two phases of an agent and a gate between them. */
const review = `
name: review
version: "1.0"
phases:
  - name: write
    task: "Write about \${variables.topic}"
  - name: gate
    approval: "Good enough?"
    next:
      - { when: 'trigger.?decision.orValue("") == "approve"', goto: publish }
  - name: publish
    task: Publish
`;

let test_engine: TestEngine;

beforeAll(async () => {
  test_engine = await startEngine();
});

afterAll(async () => {
  await test_engine?.stop();
});

describe('an instance from its start to its end', () => {
  test('is started, triggered, approved, and returns its variables', async () => {
    const { engine } = test_engine;
    const started = await engine.startWorkflowInstance({
      schema: review,
      initial_context: { topic: 'durability' },
      feature_id: 'F-1',
      meta: { by: 'ann' },
    });
    expect(started).toMatchObject({
      instance_id: expect.stringMatching(/^wfi_[0-9a-f]{12}$/) as unknown,
      status: 'created',
      current_phase: 'write',
      feature_id: 'F-1',
      workflow_name: 'review',
      schema_version: '1.0',
      dry_run: false,
    });
    const id = started.instance_id ?? '';

    const [waiting] = await engine.listTasks(id);
    expect(waiting).toMatchObject({
      instance_id: id,
      feature_id: 'F-1',
      workflow_name: 'review',
      task: { task_id: 'write#1/write', text: 'Write about durability', waiting_for: 'agent' },
    });

    const written = await engine.triggerNextStep(id, { trigger_data: { text: 'It forgets nothing' } });
    expect(written).toMatchObject({ applied: true, previous_phase: 'write', current_phase: 'gate' });

    await expectChatFlowError('TaskNotFoundError', engine.triggerNextStep(id, { trigger_data: {} }));
    await engine.triggerNextStep(id, { task: 'gate#1/gate', trigger_data: { decision: 'approve' } });
    const state = await engine.getWorkflowState(id);
    expect(state).toMatchObject({ current_phase: 'publish', status: 'running', meta: { by: 'ann' } });
    expect(state.variables).toMatchObject({ topic: 'durability', text: 'It forgets nothing' });

    await engine.triggerNextStep(id);
    expect(await engine.getResult(id)).toMatchObject({ text: 'It forgets nothing' });
    expect(await engine.getWorkflowStatusInfo(id)).toMatchObject({ status: 'completed', progress: 1 });
    await expectChatFlowError('WorkflowClosedError', engine.triggerNextStep(id));
    const history = await engine.getHistory(id);
    expect(history.map((event) => event.seq)).toEqual(history.map((_event, index) => index + 1));
    expect(history.at(-1)?.event_type).toBe('workflow_completed');
  });
});
