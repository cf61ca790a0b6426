/** What the filters of `list`, `tasks` and `feature` leave out: each meets one of two instances. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startCli } from './start-cli.js';
import type { TestCli } from './start-cli.js';

const definition = (name: string): string => `
name: ${name}
version: "1.0"
phases:
  - { name: write, task: Write it }
  - { name: gate, approval: Good? }
`;

let cli: TestCli;
/** `essay@1.0`, of the tenant acme, waits for an agent; `poem@1.0` has gone on to its approval. Both of one feature. */
let essay: string;
let poem: string;
/** Of another feature, and paused. */
let other: string;

beforeAll(async () => {
  cli = await startCli();
  const feature_id = 'F-both';
  essay = await cli.begin({ schema: definition('essay'), feature_id, tenant_id: 'acme' });
  poem = await cli.begin({ schema: definition('poem'), feature_id });
  await cli.engine.triggerNextStep(poem);
  other = await cli.begin({ schema: definition('poem'), feature_id: 'F-other', tenant_id: 'acme' });
  await cli.engine.pause(other);
  // Temporal's index lags: what the tests ask for must stand in it.
  const inIndex = async () =>
    expect(await cli.engine.listInstances()).toMatchObject([
      { instance_id: other, status: 'paused', current_phase: 'write' },
      {
        instance_id: poem,
        status: 'running',
        current_phase: 'gate',
        waiting_for: ['approval', 'approval:gate'],
      },
      { instance_id: essay, status: 'created', current_phase: 'write' },
    ]);
  await vi.waitFor(inIndex, { timeout: 15_000, interval: 100 });
});

afterAll(async () => {
  await cli?.stop();
});

/** Which instances a command answers with. */
async function found(...argv: readonly string[]): Promise<readonly string[]> {
  const { code, json } = await cli.run(...argv);
  expect(code).toBe(0);
  const names = new Map([
    [essay, 'essay'],
    [poem, 'poem'],
    [other, 'other'],
  ]);
  return (json as { instance_id: string }[]).map(({ instance_id: id }) => names.get(id) ?? id);
}

describe('list', () => {
  test.each([
    [[], ['other', 'poem', 'essay']],
    [['--feature', 'F-other'], ['other']],
    [['--schema', 'essay'], ['essay']],
    [['--schema', 'essay@1.0'], ['essay']],
    [['--schema', 'essay@2.0'], []],
    [['--status', 'running'], ['poem']],
    [['--status', 'paused'], ['other']],
    [['--phase', 'gate'], ['poem']],
    [
      ['--phase', 'write'],
      ['other', 'essay'],
    ],
    [['--waiting-for', 'approval'], ['poem']],
    [
      ['--waiting-for', 'agent:write'],
      ['other', 'essay'],
    ],
    [
      ['--tenant', 'acme'],
      ['other', 'essay'],
    ],
    [['--tenant', 'acme', '--feature', 'F-both'], ['essay']],
  ])('with %j is %j', async (options, expected) => {
    expect(await found('list', ...options)).toEqual(expected);
  });

  test.each([0, 1, 2])('with --limit %i has so many at most', async (limit) => {
    expect(await found('list', '--limit', String(limit))).toHaveLength(limit);
  });
});

describe('tasks of all instances', () => {
  test.each([
    [[], ['essay', 'other', 'poem']],
    [['--feature', 'F-other'], ['other']],
    [['--schema', 'essay'], ['essay']],
    [
      ['--tenant', 'acme'],
      ['essay', 'other'],
    ],
    [['--waiting-for', 'approval'], ['poem']],
    [['--waiting-for', 'approval', '--limit', '1'], ['poem']],
    [
      ['--waiting-for', 'agent'],
      ['essay', 'other'],
    ],
  ])('with %j are of %j', async (options, expected) => {
    expect([...(await found('tasks', ...options))].sort()).toEqual(expected);
  });

  test.each([0, 1, 2])('with --limit %i are of so many instances at most', async (limit) => {
    expect(await found('tasks', '--limit', String(limit))).toHaveLength(limit);
  });
});

describe('feature', () => {
  test.each([
    [[], { total_instances: 2, created_count: 1, running_count: 1 }],
    [['--schema', 'essay'], { total_instances: 1, created_count: 1, running_count: 0 }],
    [['--schema', 'poem'], { total_instances: 1, created_count: 0, running_count: 1 }],
  ])('with %j counts %j', async (options, counts) => {
    expect((await cli.run('feature', 'F-both', ...options)).json).toMatchObject({
      feature_id: 'F-both',
      ...counts,
    });
  });
});
