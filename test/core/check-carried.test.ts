import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { definitionProblem, settingsProblem, stateProblem } from '../../src/core/check-carried.js';
import { createInstance } from '../../src/core/create-instance.js';
import { transition } from '../../src/core/transition.js';
import type { Json, JsonObject } from '../../src/json/json.js';
import { readDefinition } from '../support/read-definition.js';

const examples = new URL('../../examples/', import.meta.url);
const files = readdirSync(examples).filter((name) => name.endsWith('.yaml'));

const AT = 1_700_000_000_000;

function stateOf(file: string): JsonObject {
  const definition = readDefinition(readFileSync(new URL(file, examples), 'utf8'));
  const created = createInstance({
    instance_id: 'wfi_000000000000',
    tenant_id: 'default',
    feature_id: 'F',
    definition,
    definition_digest: '',
    context: {},
    automation_level: 60,
    max_recursion_depth: 5,
    resource_quota: { max_duration_sec: 60 },
    at: AT,
  });
  return transition(created, { type: 'instance_started', at: AT }).state as unknown as JsonObject;
}

/** The same with one value changed, at a path of keys. */
function changed(value: Json, [key, ...rest]: readonly (string | number)[], to: Json): Json {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...(value as Json[])] : { ...(value as JsonObject) }) as Record<
    string | number,
    Json
  >;
  copy[key] = changed(copy[key] ?? {}, rest, to);
  return copy;
}

describe('what is carried', () => {
  test.each(files)('of %s is good', (file) => {
    const state = stateOf(file);
    expect(stateProblem(state)).toBeNull();
    expect(definitionProblem(state['definition'])).toBeNull();
  });

  test.each<[readonly (string | number)[], Json]>([
    [['status'], 'bogus'],
    [['usage', 'tokens'], 'many'],
    [['usage', 'cost_usd'], null],
    [['deadlines'], { x: { at: 'soon' } }],
    [['deadlines'], { x: null }],
    [['events'], 'abc'],
    [['tasks'], []],
    [['phases'], null],
    [['current', 'phase'], { a: 1 }],
    [['definition', 'phases'], []],
    [['definition', 'name'], { a: 1 }],
    [['definition', 'phases', 0, 'name'], { a: 1 }],
    [['definition', 'phases', 0, 'tasks'], null],
    [['definition', 'phases', 0, 'tasks', 0], null],
    [['definition', 'phases', 0, 'tasks', 0, 'kind'], 'magic'],
    [['definition', 'phases', 0, 'tasks', 0, 'timeout_sec'], 1e300],
    [['definition', 'phases', 0, 'tasks', 0, 'wait'], { for_sec: -1 }],
    [['definition', 'phases', 0, 'tasks', 0, 'executor'], { type: 'activity', activity: 'chatflow.prepare' }],
    [
      ['definition', 'phases', 0, 'tasks', 0, 'executor'],
      { type: 'activity', activity: 'a', task_queue: '/_sys/x' },
    ],
    [['definition', 'phases', 0, 'tasks', 0, 'executor'], { type: 'activity', activity: 'a', task_queue: 7 }],
    [['definition', 'phases', 0, 'tasks', 0, 'executor'], { type: 'writeHistorySegment', events: [] }],
    [['definition', 'phases', 0, 'tasks', 0, 'executor'], { activity: 'a' }],
    [['definition', 'phases', 0, 'tasks', 0, 'compensate'], { type: 'writeSnapshot' }],
  ])('is refused where %j is %j', (path, to) => {
    expect(stateProblem(changed(stateOf('hello.yaml'), path, to))).toMatch(/\w{3}/);
  });

  test.each([null, 'state', [], {}])('is refused where it is %j', (value) => {
    expect(stateProblem(value)).not.toBeNull();
    expect(definitionProblem(value)).not.toBeNull();
    expect(settingsProblem(value)).not.toBeNull();
  });
});

describe('a definition that is carried', () => {
  test('may have one `${…}` where a number is due', () => {
    const { definition } = stateOf('hello.yaml');
    const path = ['phases', 0, 'tasks', 0];
    const template = '${variables.n}';
    for (const key of ['timeout_sec', 'heartbeat_sec', 'max_parallel', 'automation', 'join']) {
      expect(definitionProblem(changed(definition ?? null, [...path, key], template))).toBeNull();
    }
    const retry = { max_attempts: template, initial_interval_sec: template, backoff: 2 };
    expect(definitionProblem(changed(definition ?? null, [...path, 'retry'], retry))).toBeNull();
  });
});

describe('settings', () => {
  const good = { max_recursion_depth: 5, default_automation_level: 60, default_resource_quota: {} };

  test('are good as a configuration makes them', () => {
    expect(settingsProblem(good)).toBeNull();
    expect(settingsProblem({ ...good, engine_version: 2 })).toBeNull();
  });

  test.each<JsonObject>([
    { max_recursion_depth: 'abc' },
    { default_automation_level: 'abc' },
    { default_automation_level: 101 },
    { default_resource_quota: { max_duration_sec: 'abc' } },
    { default_resource_quota: { max_duration_sec: -1 } },
    { default_resource_quota: null },
  ])('are refused with %j', (bad) => {
    expect(settingsProblem({ ...good, ...bad })).toMatch(/default|max/);
  });
});
