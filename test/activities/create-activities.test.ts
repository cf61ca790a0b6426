import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.js';
import { createDefinitionFolderRegistry } from '../../src/activities/definition-folder.js';
import { environmentSecrets } from '../../src/activities/environment-secrets.js';
import type {
  EngineActivities,
  StartInput,
  WriteSnapshotInput,
} from '../../src/activities/activity-types.js';
import { createMemoryArtifactStore, readHistorySegment, readSnapshot } from '../../src/artifacts/index.js';
import type { HistoryEvent } from '../../src/core/shapes.js';
import { digest } from '../../src/json/canonical-json.js';
import { temporaryFolder } from '../artifacts/temporary-folder.js';
import { makeDependencies, runActivity } from './support.js';

const flow = 'name: flow\nversion: "1.0"\nphases:\n  - name: analysis\n    task: Analyse\n';
const schema = { name: 'flow', version: '1.0', phases: [{ name: 'analysis', task: 'Analyse' }] };

async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const failure = await run.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof ApplicationFailure) return failure;
  throw new Error('no ApplicationFailure', { cause: failure });
}

describe('chatflow.prepare', () => {
  it('gives what the workflow needs, with the settings of the configuration', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'flow@v1.0.yaml'), flow);
    const definitions = createDefinitionFolderRegistry([folder]);
    const config = {
      max_recursion_depth: 4,
      default_automation_level: 10,
      default_resource_quota: { max_tokens: 5 },
    };
    const activities = createActivities(makeDependencies({ definitions, config }));
    const input: StartInput = { schema_id: 'flow@1.0', feature_id: 'f', initial_context: { a: 1 } };
    const prepared = await runActivity(activities['chatflow.prepare'], input);
    expect(prepared).toMatchObject({ definition: { name: 'flow' }, context: { a: 1 }, settings: config });
    expect(Object.keys(prepared).sort()).toEqual(['context', 'definition', 'digest', 'settings']);
    expect(prepared.digest).toBe(digest(prepared.definition as never));
    expect(JSON.parse(JSON.stringify(prepared))).toEqual(prepared);
  });

  it('refuses for good, by the name of the error, with all problems as its one detail', async () => {
    const activities = createActivities(makeDependencies());
    const input = {
      schema: { ...schema, phases: [{ name: 'a', next: 'nowhere' }, { name: 'a' }] },
      feature_id: 'f',
    };
    const failure = await failureOf(runActivity(activities['chatflow.prepare'], input));
    expect(failure).toMatchObject({ type: 'SchemaValidationError', nonRetryable: true });
    expect(failure.details).toHaveLength(1);
    expect((failure.details?.[0] as { problems: unknown[] }).problems.length).toBeGreaterThan(1);
  });
});

describe('the activities of the store', () => {
  const place = { tenant_id: 'default', instance_id: 'wfi_0123456789ab' };
  const event: HistoryEvent = {
    seq: 1,
    event_type: 'instance_created',
    phase: null,
    task: null,
    timestamp: '2026-01-01T00:00:00.000Z',
    data: {},
  };

  it('write what the readers read, and the same again when run again', async () => {
    const store = createMemoryArtifactStore();
    const activities = createActivities(makeDependencies({ store }));
    const segment = { ...place, events: [event] };
    const ref = await runActivity(activities['chatflow.writeHistorySegment'], segment);
    expect(await runActivity(activities['chatflow.writeHistorySegment'], segment)).toEqual(ref);
    expect(await readHistorySegment(store, ref, place)).toEqual([event]);

    const state = { ...place, closed_at: 1000, updated_at: 1000 };
    const input = {
      ...place,
      snapshot: { snapshot_version: 1, run_id: 'r', state },
    } as unknown as WriteSnapshotInput;
    const snapshot = await runActivity(activities['chatflow.writeSnapshot'], input);
    expect(await runActivity(activities['chatflow.writeSnapshot'], input)).toEqual(snapshot);
    expect(await readSnapshot(store, place.tenant_id, place.instance_id)).toEqual(input.snapshot);
  });

  it('refuse bad input for good, and leave a broken disk to be tried again', async () => {
    const refused = createActivities(makeDependencies());
    const failure = await failureOf(
      runActivity(refused['chatflow.writeHistorySegment'], { ...place, events: [] }),
    );
    expect(failure).toMatchObject({ type: 'InvalidInputError', nonRetryable: true });

    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const store = { ...createMemoryArtifactStore(), put: () => Promise.reject(full) };
    const broken = createActivities(makeDependencies({ store }));
    await expect(
      runActivity(broken['chatflow.writeHistorySegment'], { ...place, events: [event] }),
    ).rejects.toBe(full);
  });
});

describe('what is off', () => {
  it.each<[keyof EngineActivities, unknown, string]>([
    ['chatflow.http', { url: 'http://127.0.0.1/' }, 'features.http'],
    ['chatflow.command', { command: ['git'] }, 'features.commands'],
    ['chatflow.llm', { prompt: 'x' }, 'llm'],
  ])('is refused in the worker too: %s', async (name, input, names) => {
    const config = { features: { subworkflows: true, http: false, commands: false, llm: false } };
    const activity = createActivities(makeDependencies({ config }))[name] as (
      input: unknown,
    ) => Promise<unknown>;
    const failure = await failureOf(runActivity(activity, input));
    expect(failure).toMatchObject({ type: 'FeatureDisabledError', nonRetryable: true });
    expect(failure.message).toContain(names);
  });

  it('is told of before the first activity where the configuration cannot be read', () => {
    const config = { http: { allow_private: ['not/an/address'] } };
    expect(() => createActivities(makeDependencies({ config }))).toThrow(/http\.allow_private/);
  });
});

describe('secrets of the environment', () => {
  it('are those under the prefix, and no other variable', () => {
    const secrets = environmentSecrets({
      CHATFLOW_SECRET_API_TOKEN: 'value',
      CHATFLOW_SECRET_a_b: 'dotted',
      AWS_SECRET_ACCESS_KEY: 'hidden',
    });
    expect(secrets('API_TOKEN')).toBe('value');
    expect(secrets('a.b')).toBe('dotted');
    expect(secrets('AWS_SECRET_ACCESS_KEY')).toBeUndefined();
    expect(secrets('toString')).toBeUndefined();
  });
});
