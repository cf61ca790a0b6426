import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { PROJECT_ROOT } from '../examples/built-project.js';
import { createTestNamespace } from '../support/temporal-server.js';
import { fakeIo } from './fake-io.js';
import { cliEnvironment } from './run-chatflow.js';

const dependencies: CliDependencies = {
  version: '0.0.0',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};
const ID = 'wfi_000000000000';

let setup: TestEngine;

beforeAll(async () => {
  setup = await startEngine();
  for (const [name, value] of Object.entries(cliEnvironment(setup))) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await setup?.stop();
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly json: Record<string, unknown>;
}

/** One command with `--json`: its document must be the only thing on stdout. */
async function json(...argv: string[]): Promise<Answer> {
  const io = fakeIo({ cwd: PROJECT_ROOT });
  const code = await runCli([...argv, '--json'], io, dependencies);
  return { code, out: io.out(), err: io.err(), json: JSON.parse(io.out()) as Record<string, unknown> };
}

async function text(argv: readonly string[], stdin = ''): Promise<Omit<Answer, 'json'>> {
  const io = fakeIo({ cwd: PROJECT_ROOT, stdin });
  return { code: await runCli(argv, io, dependencies), out: io.out(), err: io.err() };
}

async function start(...options: string[]): Promise<string> {
  const context = ['--context', '{"guest": "Ada"}'];
  const { json: started } = await json('start', 'examples/hello.yaml', ...context, ...options);
  return String(started['instance_id']);
}

describe('with --json a command prints what the engine answers', () => {
  test('start, trigger and status', async () => {
    const id = await start('--feature', 'F-cli', '--meta', '{"by": "ann"}', '--quota', '{"max_tokens": 10}');
    const triggered = await json('trigger', id, '--data', '{"greeting": "Hi"}', '--trigger-id', 't1');
    expect(triggered).toMatchObject({
      code: 0,
      err: '',
      json: { instance_id: id, applied: true, duplicate: false, current_phase: 'approval' },
    });
    expect(
      (await json('trigger', id, '--data', '{"greeting": "Hi"}', '--trigger-id', 't1')).json,
    ).toMatchObject({
      duplicate: true,
    });
    expect((await json('status', id)).json).toEqual(await setup.engine.getWorkflowStatusInfo(id));
    const { json: state } = await json('status', id, '--full');
    expect(state).toMatchObject({
      feature_id: 'F-cli',
      meta: { by: 'ann' },
      resource_quota: { max_tokens: 10 },
      variables: { guest: 'Ada', greeting: 'Hi' },
    });
  });

  test('claim, heartbeat, release and tasks', async () => {
    const id = await start();
    const { json: claimed } = await json('claim', id, '--agent', 'ann', '--task', 'draft', '--lease', '60');
    const claim = String(claimed['claim_id']);
    expect((await json('heartbeat', id, '--claim-id', claim, '--lease', '900')).json).toMatchObject({
      claimed_by: 'ann',
    });
    const { json: listed } = await json('tasks', id);
    expect(listed).toMatchObject([
      { instance_id: id, task: { task_id: 'draft#1/draft', claimed_by: 'ann' } },
    ]);
    expect((await json('release', id, '--claim-id', claim)).json).not.toHaveProperty('claimed_by');
  });

  test('what follows an instance prints one document a line until it has closed', async () => {
    const id = await start();
    await setup.engine.terminateWorkflowTree(id, 'seen enough');
    const watched = fakeIo();
    expect(await runCli(['watch', id, '--json'], watched, dependencies)).toBe(1);
    expect(
      watched
        .out()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([{ instance_id: id, status: 'terminated' }]);
    const followed = fakeIo();
    expect(await runCli(['history', id, '--follow', '--json'], followed, dependencies)).toBe(0);
    const events = followed
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toEqual(await setup.engine.getHistory(id));
    expect((await json('history', id)).json).toEqual(events);
  });

  test('artifacts, in a list and by phase', async () => {
    const id = await start();
    await setup.engine.saveTaskArtifacts(id, 'draft', { prompt: 'Write', ai_response: 'Hi' });
    expect((await json('artifacts', id)).json).toEqual(await setup.engine.listArtifacts(id));
    expect((await json('artifacts', id, '--phase', 'draft')).json).toMatchObject({ prompt: 'Write' });
    expect(await json('artifacts', id, '--phase', 'send')).toMatchObject({ code: 3 });
  });

  test('pause, resume, rewind, retry, cancel and terminate', async () => {
    const id = await start();
    expect((await json('pause', id, '--reason', 'lunch')).json).toMatchObject({ status: 'paused' });
    expect(await json('trigger', id, '--data', '{"greeting": "Hi"}')).toMatchObject({
      code: 1,
      json: { error: { type: 'WorkflowPausedError' } },
    });
    expect((await json('resume', id)).json).toMatchObject({ current_phase: 'draft' });
    await json('trigger', id, '--data', '{"greeting": "Hi"}');
    expect((await json('rewind', id, '--phase', 'draft')).json).toMatchObject({ current_phase: 'draft' });
    await json('trigger', id, '--outcome', 'failed', '--error', '{"type": "NoIdeaError", "message": "none"}');
    expect((await json('status', id)).json).toMatchObject({ status: 'failed' });
    expect((await json('retry', id, '--guidance', 'Be kind')).json).toMatchObject({ current_phase: 'draft' });
    expect(await json('cancel', id, '--reason', 'enough')).toMatchObject({
      code: 0,
      json: { instance_id: id, requested: 'cancel', reason: 'enough' },
    });
    const other = await start();
    expect((await json('terminate', other)).json).toMatchObject({ requested: 'terminate' });
    expect((await json('status', other)).json).toMatchObject({ status: 'terminated' });
  });

  test('list and feature', async () => {
    const id = await start('--feature', 'F-list');
    await expect
      .poll(async () => (await json('feature', 'F-list')).json, { timeout: 10_000 })
      .toMatchObject({ feature_id: 'F-list', total_instances: 1, latest_instance_id: id });
    expect((await json('list', '--feature', 'F-list')).json).toMatchObject([{ instance_id: id }]);
  });

  test('validate and schema', async () => {
    expect(await json('validate', 'examples/hello.yaml')).toMatchObject({
      code: 0,
      json: { valid: true, files: [{ file: 'examples/hello.yaml', valid: true }] },
    });
    expect((await json('schema')).json).toHaveProperty('$schema');
  });

  test('doctor finds all in order', async () => {
    const { code, json: report } = await json('doctor');
    expect(report).toMatchObject({ ok: true });
    expect(code).toBe(0);
  });

  test('init adds what a namespace lacks, and nothing the second time', async () => {
    vi.stubEnv('TEMPORAL_NAMESPACE', await createTestNamespace({ searchAttributes: false }));
    try {
      const { code, json: report } = await json('doctor');
      expect(code).toBe(6);
      expect(JSON.stringify(report)).toContain('chatflow init');
      const first = (await json('init')).json['added'] as string[];
      expect(first).toContain('ChatflowFeature');
      expect((await json('init')).json['added']).toEqual([]);
    } finally {
      vi.stubEnv('TEMPORAL_NAMESPACE', setup.namespace);
    }
  });
});

describe('as text', () => {
  test('start prints the id alone on stdout, and what to do next on stderr', async () => {
    const { out, err, code } = await text(['start', 'examples/hello.yaml', '--context', '{"guest": "Ada"}']);
    expect(code).toBe(0);
    expect(out).toMatch(/^wfi_[0-9a-f]{12}\n$/);
    expect(err).toContain('chatflow trigger');
  });

  test('a definition and its data come from standard input', async () => {
    const yaml = readFileSync(join(PROJECT_ROOT, 'examples/hello.yaml'), 'utf8');
    const started = await text(['start', '-', '--context', '{"guest": "Ada"}'], yaml);
    const id = started.out.trim();
    const triggered = await text(['trigger', id, '--data', '-'], '{"greeting": "From a pipe"}');
    expect(triggered.out).toContain('draft → approval');
    const { out } = await text(['tasks', id]);
    expect(out).toContain('approval#1/approval');
  });

  test('a dry run shows the plan as a table', async () => {
    const { out } = await text([
      'start',
      'examples/hello.yaml',
      '--context',
      '{"guest": "Ada"}',
      '--dry-run',
    ]);
    expect(out).toMatch(/^PHASE +WILL +TASK/);
    expect(out).toMatch(/^approval +run +approval +approval +approval$/m);
  });
});

describe('refusals', () => {
  test.each([
    ['an unknown instance', ['status', ID], 3, 'InstanceNotFoundError'],
    ['an unknown definition', ['start', 'no-such-definition'], 3, 'SchemaNotFoundError'],
    ['a file that is not there', ['start', './none.yaml'], 3, 'SchemaNotFoundError'],
    ['a file to validate that is not there', ['validate', 'none.yaml'], 3, 'SchemaNotFoundError'],
    [
      'a context that does not fit',
      ['start', 'examples/hello.yaml', '--context', '{}'],
      5,
      'SchemaValidationError',
    ],
    ['data that is no JSON', ['trigger', ID, '--data', '{greeting}'], 5, 'InvalidInputError'],
    ['a closed instance', ['pause', 'CLOSED'], 1, 'WorkflowClosedError'],
  ] as const)('%s exits %j with one line', async (_name, argv, code, type) => {
    const closed = await start();
    await setup.engine.terminateWorkflowTree(closed);
    const words = argv.map((word) => (word === 'CLOSED' ? closed : word));
    const refused = await text(words);
    expect(refused).toMatchObject({ code, out: '' });
    expect(refused.err.split('\n')[0]).toMatch(new RegExp(`^${type}: .+`));
    const document = await json(...words);
    expect(document).toMatchObject({ code, json: { error: { type } } });
  });

  test('a bad definition exits 5 and shows every problem with its place', async () => {
    const yaml = 'name: bad\nversion: "1"\nphases:\n  - name: a\n    taks: x\n  - name: a\n';
    const validated = await text(['validate', '-'], yaml);
    expect(validated.code).toBe(5);
    expect(validated.out).toMatch(/<stdin>:5:\d+ error/);
    expect(validated.out).toMatch(/<stdin>:6:\d+ error/);
    const started = await text(['start', '-'], yaml);
    expect(started).toMatchObject({ code: 5, out: '' });
    expect(started.err).toMatch(/:5:\d+ error/);
    expect(started.err).toContain('taks: x');
  });

  test('name the way out: where was looked, which file it was, what to do next', async () => {
    const unknown = await text(['start', 'no-such-definition']);
    expect(unknown.err).toContain(` in ${join(PROJECT_ROOT, 'definitions')}`);
    const context = await text(['start', 'examples/hello.yaml', '--context', '{}']);
    expect(context.err).toMatch(
      /The initial context for examples\/hello\.yaml has 1 problem\(s\): initial_context/,
    );
    expect(context.err).not.toContain('<definition>');
    expect((await text(['status', ID])).err).toContain('chatflow list');
    const closed = await start();
    await setup.engine.terminateWorkflowTree(closed);
    expect((await text(['pause', closed])).err).toContain('chatflow retry');
  });

  test('a namespace that does not exist exits 6 and says how to get one', async () => {
    vi.stubEnv('TEMPORAL_NAMESPACE', 'no-such-namespace');
    try {
      for (const command of ['init', 'list']) {
        const refused = await json(command);
        expect(refused).toMatchObject({ code: 6, json: { error: { type: 'TemporalUnavailableError' } } });
        expect(refused.err).toContain('temporal operator namespace create no-such-namespace');
      }
    } finally {
      vi.stubEnv('TEMPORAL_NAMESPACE', setup.namespace);
    }
  });

  test('a list where no search attributes are names the command that registers them', async () => {
    vi.stubEnv('TEMPORAL_NAMESPACE', await createTestNamespace({ searchAttributes: false }));
    try {
      for (const filter of [[], ['--feature', 'f'], ['--limit', '0']]) {
        const refused = await json('list', ...filter);
        expect(refused.err).toContain('chatflow init');
        expect(refused).toMatchObject({ code: 6, json: { error: { type: 'SearchAttributesMissingError' } } });
        expect(refused.err).toContain('chatflow init');
      }
    } finally {
      vi.stubEnv('TEMPORAL_NAMESPACE', setup.namespace);
    }
  });

  test('doctor reports a broken configuration as a finding, and exits 5', async () => {
    const io = fakeIo({ cwd: PROJECT_ROOT, env: { CHATFLOW_LOG_LEVEL: 'loud' } });
    expect(await runCli(['doctor', '--json'], io, dependencies)).toBe(5);
    const report = JSON.parse(io.out()) as { checks: { name: string }[] };
    expect(report.checks).toContainEqual(
      expect.objectContaining({ name: 'configuration', status: 'fail', error: 'ConfigurationError' }),
    );
  });

  test('no server exits 6', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:9');
    try {
      expect(await text(['list'])).toMatchObject({ code: 6, out: '' });
      const { code, json: report } = await json('doctor');
      expect(code).toBe(6);
      expect(report['ok']).toBe(false);
    } finally {
      vi.stubEnv('TEMPORAL_ADDRESS', cliEnvironment(setup)['TEMPORAL_ADDRESS']);
    }
  });
});
