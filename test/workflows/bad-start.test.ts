/** Starts that no client of ours has checked: refused with a reason, never a workflow task that fails for ever. */
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorkflowState } from '../../src/core/shapes.js';
import { digest } from '../../src/json/canonical-json.js';
import { ENGINE_VERSION } from '../../src/core/limits.js';
import type { Json, JsonObject } from '../../src/json/json.js';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../src/workflows/messages.js';
import { readDefinition } from '../support/read-definition.js';
import { expectNoTaskFailed } from './expect-no-task-failed.js';
import { BAD_PAYLOADS, jsonText, startRaw } from './raw-payload.js';
import { documentOf, newInstanceId, openTestBed, untilPrepared, type TestBed } from './test-bed.js';

const FLOW = 'phases: [{ name: only, task: Do it }]';

let bed: TestBed;

beforeAll(async () => {
  bed = await openTestBed();
});

afterAll(async () => {
  await bed?.stop();
});

async function start(input: unknown): Promise<WorkflowHandle> {
  const id = newInstanceId();
  await startRaw(bed.temporal, id, [jsonText(JSON.stringify(input))]);
  return bed.temporal.workflow.getHandle(id);
}

/** How the execution failed; fails where it has not, or where a workflow task failed on the way. */
async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const error: unknown = await handle.result().then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  await expectNoTaskFailed(handle);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

interface Problems {
  readonly problems: readonly { readonly message: string; readonly line: number; readonly path: string }[];
}

describe('the argument of a start', () => {
  test.each(Object.entries({ ...BAD_PAYLOADS, none: [] }))(
    'that is %s fails the execution',
    async (_name, payloads) => {
      const id = newInstanceId();
      await startRaw(bed.temporal, id, payloads);
      expect((await failureOf(bed.temporal.workflow.getHandle(id))).type).toBe('SchemaValidationError');
    },
  );

  const REFUSED: Readonly<Record<string, JsonObject>> = {
    'no feature_id': { schema: documentOf(FLOW) },
    'an unknown key': { feature_id: 'F', schema: documentOf(FLOW), priority: 1 },
    'a feature_id that is a number': { feature_id: 7, schema: documentOf(FLOW) },
    'an empty feature_id': { feature_id: '', schema: documentOf(FLOW) },
    'a feature_id of 300 characters': { feature_id: 'f'.repeat(300), schema: documentOf(FLOW) },
    'a tenant_id that is a list': { feature_id: 'F', schema: documentOf(FLOW), tenant_id: ['a'] },
    'an initial_context that is a list': { feature_id: 'F', schema: documentOf(FLOW), initial_context: [] },
    'a meta that is a text': { feature_id: 'F', schema: documentOf(FLOW), meta: 'high' },
    'a quota of nothing': { feature_id: 'F', schema: documentOf(FLOW), resource_quota: { max_tokens: 0 } },
    'an unknown quota': { feature_id: 'F', schema: documentOf(FLOW), resource_quota: { max_gpu: 1 } },
    'an automation level of 101': { feature_id: 'F', schema: documentOf(FLOW), automation_level: 101 },
    'no definition at all': { feature_id: 'F' },
    'two definitions': { feature_id: 'F', schema: documentOf(FLOW), schema_id: 'flow' },
    'a definition that is a list': { feature_id: 'F', schema: [] },
    'an empty definition': { feature_id: 'F', schema: {} },
    'a schema_id that is a number': { feature_id: 'F', schema_id: 5 },
  };

  test.each(Object.entries(REFUSED))('with %s fails the execution', async (_name, input) => {
    const failure = await failureOf(await start(input));
    expect(['SchemaValidationError', 'InvalidInputError']).toContain(failure.type);
    expect(failure.message.length).toBeGreaterThan(10);
  });

  test('with a schema_id that nobody knows fails with SchemaNotFoundError', async () => {
    const failure = await failureOf(await start({ feature_id: 'F', schema_id: 'nobody-knows' }));
    expect(failure).toMatchObject({ type: 'SchemaNotFoundError' });
    expect(failure.message).toContain('nobody-knows');
  });

  test('with a definition that has errors names all of them', async () => {
    const schema = documentOf(`
phases:
  - { name: a, task: A, next: nowhere }
  - { name: a, task: again }
  - { name: b, task: B, outputs: { x: "variables. +" }, retrys: 3 }
`);
    const failure = await failureOf(await start({ feature_id: 'F', schema }));
    expect(failure.type).toBe('SchemaValidationError');
    const [{ problems }] = failure.details as [Problems];
    expect(problems.length).toBeGreaterThanOrEqual(3);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(
      /nowhere[^]*retrys|retrys[^]*nowhere/,
    );
  });

  test('with a context that does not fit the input of its definition fails', async () => {
    const schema = documentOf(`
input: { type: object, required: [topic], properties: { topic: { type: string } } }
phases: [{ name: only, task: Do it }]
`);
    const failure = await failureOf(await start({ feature_id: 'F', schema, initial_context: { topic: 7 } }));
    expect(['SchemaValidationError', 'InvalidInputError']).toContain(failure.type);
    expect(failure.message).toContain('topic');
  });

  test('is refused with its own reason, though a signal came with it', async () => {
    const handle = await bed.temporal.workflow.signalWithStart(WORKFLOW_TYPE, {
      workflowId: newInstanceId(),
      taskQueue: TASK_QUEUE,
      args: [{ feature_id: 'F', schema: { phases: 'none' } }],
      signal: 'trigger_next_step',
      signalArgs: [{}],
    });
    expect((await failureOf(handle)).type).toBe('SchemaValidationError');
  });
});

describe('a definition that the worker reads', () => {
  test('may come as a document, by another client, and a signal before it is prepared is not lost', async () => {
    const handle = await bed.temporal.workflow.signalWithStart(WORKFLOW_TYPE, {
      workflowId: newInstanceId(),
      taskQueue: TASK_QUEUE,
      args: [{ feature_id: 'F', schema: documentOf(FLOW) }],
      signal: 'trigger_next_step',
      signalArgs: [{ trigger_data: { done: true } }],
    });
    expect(await handle.result()).toEqual({ done: true });
  });

  test('may come from a folder, by its name', async () => {
    const [folder = ''] = bed.config.definitions;
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/kept@v1.0.yaml`, `name: kept\nversion: "1.0"\n${FLOW}`);
    const handle = await start({ feature_id: 'F', schema_id: 'kept', initial_context: { n: 1 } });
    await untilPrepared(handle);
    expect(await handle.query('get_workflow_state')).toMatchObject({
      workflow_name: 'kept',
      schema_version: '1.0',
      variables: { n: 1 },
    });
  });
});

const SETTINGS = { max_recursion_depth: 5, default_automation_level: 60, default_resource_quota: {} };

function preparedOf(definition: unknown, rest: object = {}): object {
  return { definition, digest: digest(definition as Json), context: {}, settings: SETTINGS, ...rest };
}

describe('what a client claims to have prepared', () => {
  test('is used where its digest is right', async () => {
    const handle = await start({ feature_id: 'F', prepared: preparedOf(readDefinition(FLOW)) });
    await untilPrepared(handle);
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
    expect(await handle.query('get_workflow_state')).toMatchObject({ current_phase: 'only' });
  });

  test('is prepared afresh where its digest is wrong', async () => {
    const definition = { ...readDefinition(FLOW), name: 'forged' };
    const handle = await start({
      feature_id: 'F',
      schema: documentOf(FLOW),
      prepared: { ...preparedOf(definition), digest: 'f'.repeat(64) },
    });
    await untilPrepared(handle);
    expect(await handle.query<WorkflowState>('get_workflow_state')).toMatchObject({ workflow_name: 'flow' });
  });

  test.each([999, 0, 1.5, '2', null])(
    'is refused where it asks for version %j of the engine',
    async (version) => {
      const settings = { ...SETTINGS, engine_version: version };
      const failure = await failureOf(
        await start({ feature_id: 'F', prepared: preparedOf(readDefinition(FLOW), { settings }) }),
      );
      expect(failure.type).toBe('SchemaValidationError');
      expect(failure.message).toMatch(/version .* of the engine.*update the worker/);
    },
  );

  test('pins the version of the engine, 1 where it says none', async () => {
    for (const settings of [SETTINGS, { ...SETTINGS, engine_version: ENGINE_VERSION }]) {
      const handle = await start({
        feature_id: 'F',
        prepared: preparedOf(readDefinition(FLOW), { settings }),
      });
      await untilPrepared(handle);
      expect(await handle.query('get_workflow_state')).toMatchObject({
        engine_version: 'engine_version' in settings ? ENGINE_VERSION : 1,
      });
    }
  });

  const good = (): JsonObject => readDefinition(FLOW) as unknown as JsonObject;
  const NONSENSE: Readonly<Record<string, JsonObject>> = {
    'no phases': { ...good(), phases: [] },
    'a phase that is null': { ...good(), phases: [null] },
    'a phase that is a text': { ...good(), phases: ['only'] },
    'a phase without tasks': { ...good(), phases: [{ name: 'only' }] },
    'a task of no known kind': {
      ...good(),
      phases: [{ name: 'only', tasks: [{ name: 'x', kind: 'magic' }] }],
    },
    'a task that is null': {
      ...good(),
      phases: [{ name: 'only', tasks: [null], execution_strategy: 'parallel' }],
    },
    'a name that is an object': { ...good(), name: { toString: 'no' } },
    'nothing but phases': { phases: [{}] },
    'a wait without end': {
      ...good(),
      phases: [{ name: 'only', tasks: [{ name: 'x', kind: 'wait', wait: {} }], next: [], on_failure: [] }],
    },
  };

  test.each(Object.entries(NONSENSE))('fails the execution where it has %s', async (_name, definition) => {
    const failure = await failureOf(await start({ feature_id: 'F', prepared: preparedOf(definition) }));
    expect(failure.type).toMatch(/Error$/);
    expect(failure.message.length).toBeGreaterThan(10);
  });

  test('fails the instance where it comes to what makes no sense', async () => {
    const { phases, ...rest } = good();
    const definition = {
      ...rest,
      phases: [
        ...(phases as Json[]),
        { name: 'next', tasks: [{ name: 'odd', kind: 'agent', condition: 7 }] },
      ],
    };
    const handle = await start({ feature_id: 'F', prepared: preparedOf(definition) });
    await untilPrepared(handle);
    await handle.signal('trigger_next_step', {});
    expect((await failureOf(handle)).type).toMatch(/Error$/);
  });

  test.each([
    ['settings', { settings: {} }],
    ['a context', { context: { toString: null, deep: { n: 1 } } }],
  ])('with odd %s does not wedge it', async (_name, rest) => {
    const handle = await start({ feature_id: 'F', prepared: preparedOf(readDefinition(FLOW), rest) });
    await untilPrepared(handle).catch(() => undefined);
    await expectNoTaskFailed(handle);
  });

  test('as the state of a run before this one is refused where it is none', async () => {
    for (const key of ['continued', 'retried']) {
      const id = newInstanceId();
      const states = [
        {},
        null,
        [],
        'state',
        { instance_id: id },
        { instance_id: id, definition: { phases: [] } },
      ];
      for (const state of states) {
        const value = key === 'continued' ? state : { state, request: {} };
        const handle = await start({ feature_id: 'F', [key]: value });
        const { type } = await failureOf(handle);
        expect(['SchemaValidationError', 'InvalidInputError']).toContain(type);
      }
    }
  });

  test('as a state of its own id that is nonsense is refused', async () => {
    for (const key of ['continued', 'retried']) {
      const id = newInstanceId();
      const state = { instance_id: id, definition: readDefinition(FLOW) };
      const value = key === 'continued' ? state : { state, request: {} };
      await startRaw(bed.temporal, id, [jsonText(JSON.stringify({ feature_id: 'F', [key]: value }))]);
      const failure = await failureOf(bed.temporal.workflow.getHandle(id));
      expect(failure.type).toMatch(/Error$/);
    }
  });
});
