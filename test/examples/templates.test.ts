/** Every template in examples/, from its start to each of its ends; the audits have a file of their own. */
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';
import { byVisit, drive, type Table } from './drive-example.js';
import type { Answer } from './drive-instance.js';
import { loadExample } from './load-example.js';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const LONG = 'x'.repeat(120);

describe('every example', async () => {
  const files = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.yaml'));

  it.each(files)('%s is valid, without a warning', async (file) => {
    await expect(loadExample(join(EXAMPLES, file))).resolves.toMatchObject({ version: '1.0' });
  });

  it.each(files)('%s says in its first lines how it is started', async (file) => {
    const head = (await readFile(join(EXAMPLES, file), 'utf8')).split('name:')[0];
    expect(head).toMatch(new RegExp(`npx chatflow start examples/${file}|npm run demo`));
  });
});

describe('hello', () => {
  it('goes back to the draft on "rework" and ends with what was sent', async () => {
    const { state, visits } = await drive(
      'hello.yaml',
      { guest: 'Ada', remarks: '' },
      {
        draft: byVisit({ greeting: 'Hi' }, { greeting: 'Dear Ada' }),
        approval: byVisit({ decision: 'rework', remarks: 'Warmer, please.' }, { decision: 'approve' }),
        send: {},
      },
    );
    expect(visits).toEqual(['draft#1', 'approval#1', 'draft#2', 'approval#2', 'send#1']);
    expect(state).toMatchObject({ status: 'completed', result: { greeting: 'Dear Ada', sent: true } });
  });

  it('refuses a greeting that does not fit, and fails when it is rejected', async () => {
    const wrong = drive('hello.yaml', { guest: 'Ada', remarks: '' }, { draft: { greeting: '' } });
    await expect(wrong).rejects.toThrow('InvalidInputError');
    const rejected = await drive(
      'hello.yaml',
      { guest: 'Ada', remarks: '' },
      { draft: { greeting: 'Hi' }, approval: { decision: 'reject' } },
    );
    expect(rejected.state).toMatchObject({ status: 'failed', failure: { type: 'ApprovalRejectedError' } });
  });
});

describe('code_generation', () => {
  it('takes three triggers, whose data lands in the variables', async () => {
    const { state, visits } = await drive(
      'code_generation.yaml',
      { user_request: 'Sign-up by e-mail' },
      {
        requirement_analysis: { analysis_result: 'Needs a confirmation by e-mail' },
        design: { design: 'One table, two routes' },
        implementation: { code_diff: '+100 -20' },
      },
    );
    expect(visits).toEqual(['requirement_analysis#1', 'design#1', 'implementation#1']);
    expect(state.status).toBe('completed');
    expect(state.variables).toEqual({
      user_request: 'Sign-up by e-mail',
      analysis_result: 'Needs a confirmation by e-mail',
      design: 'One table, two routes',
      code_diff: '+100 -20',
    });
  });
});

describe('feature', () => {
  const context = {
    request: 'Customers can search their invoices',
    repository: '.',
    feedback: '',
    changes: [],
  };
  const change = (task: Task): Answer => ({
    data: { summary: `done ${String(task.index)}`, branch: `b${String(task.index)}`, tests_passed: true },
  });
  const item = (title: string): JsonObject => ({ title, description: `${title}!` });
  const table: Table = {
    specify: { specification: LONG, scenarios: ['finds one'] },
    approve_specification: { decision: 'approve' },
    plan: { plan: LONG, risks: [] },
    approve_plan: { decision: 'approve' },
    list_tasks: { items: [item('index'), item('query')] },
    implement: change,
    review: { verdict: 'accept', comments: 'Good' },
    deliver: { pull_request: 'https://example.com/pull/1' },
  };

  it('goes through both gates and back from the review for what it asks', async () => {
    const { state, visits } = await drive('feature.yaml', context, {
      ...table,
      approve_specification: byVisit(
        { decision: 'rework', feedback: 'What about refunds?' },
        { decision: 'approve' },
      ),
      review: byVisit(
        { verdict: 'rework', comments: 'Slow', items: [item('speed')] },
        { verdict: 'accept', comments: 'Good' },
      ),
    });
    expect(visits).toEqual([
      ...['specify#1', 'approve_specification#1', 'specify#2', 'approve_specification#2'],
      ...['plan#1', 'approve_plan#1', 'list_tasks#1', 'implement#1', 'review#1'],
      ...['implement#2', 'review#2', 'deliver#1'],
    ]);
    expect(state.result).toMatchObject({ pull_request: 'https://example.com/pull/1' });
    expect((state.result as { changes: unknown[] }).changes).toHaveLength(3);
  });

  it('needs nobody at its gates from automation level 90 on', async () => {
    const { state, answered } = await drive('feature.yaml', context, table, { automationLevel: 90 });
    expect(state.status).toBe('completed');
    expect(answered.filter((id) => id.startsWith('approve_'))).toEqual([]);
  });

  it('ends as cancelled where a person rejects the plan', async () => {
    const { state } = await drive('feature.yaml', context, {
      ...table,
      approve_plan: { decision: 'reject' },
    });
    expect(state).toMatchObject({ status: 'cancelled' });
  });

  it('gives an item that failed one more attempt, and asks a person after the second', async () => {
    const fail: Answer = { fail: { type: 'BuildError', message: 'does not compile' } };
    const { state, visits } = await drive('feature.yaml', context, {
      ...table,
      implement: (task) => (task.visit === 1 && task.index === 1 ? fail : change(task)),
      stuck: { decision: 'replan', feedback: 'Smaller steps' },
    });
    expect(visits).toContain('stuck#1');
    expect(visits.slice(visits.indexOf('stuck#1') + 1)).toEqual([
      ...['plan#2', 'approve_plan#2', 'list_tasks#2', 'implement#2', 'review#1', 'deliver#1'],
    ]);
    expect(state.status).toBe('completed');
    expect(state.variables['why']).toContain('does not compile');
  });

  it('does not go round for ever: the fourth request for rework asks a person', async () => {
    const { state, visits } = await drive('feature.yaml', context, {
      ...table,
      review: { verdict: 'rework', comments: 'Again', items: [item('again')] },
      stuck: { decision: 'accept' },
    });
    expect(visits.filter((visit) => visit.startsWith('implement#'))).toHaveLength(4);
    expect(visits.slice(-2)).toEqual(['stuck#1', 'deliver#1']);
    expect(state.status).toBe('completed');
  });

  it('refuses a review that asks for rework without saying what', async () => {
    const vague = drive('feature.yaml', context, { ...table, review: { verdict: 'rework', comments: 'Hm' } });
    await expect(vague).rejects.toThrow('InvalidInputError');
  });
});

describe('bugfix', () => {
  const context = {
    report: 'Totals are off by one',
    severity: 'high',
    repository: '.',
    answers: '',
    observed: '',
  };
  const held = { passed: true, observed: 'green' };
  const table: Table = {
    reproduce: { reproduced: true, failing_test: 'totals.test.ts' },
    diagnose: { cause: 'Rounding happens before the sum', affected: ['credit notes'] },
    fix: { summary: 'Round the sum', branch: 'fix/totals' },
    tests: held,
    second_look: held,
    release_gate: { decision: 'approve' },
    release: {},
  };

  it('goes back to the diagnosis with what the check saw, until the fix holds', async () => {
    const { state, visits } = await drive('bugfix.yaml', context, {
      ...table,
      tests: byVisit({ passed: false, observed: 'off by two now' }, held),
    });
    expect(visits).toEqual([
      ...['reproduce#1', 'diagnose#1', 'fix#1', 'verify#1'],
      ...['diagnose#2', 'fix#2', 'verify#2', 'release_gate#1', 'release#1'],
    ]);
    expect(state.result).toMatchObject({ outcome: 'fixed', change: { branch: 'fix/totals' } });
  });

  it('asks the reporter, and ends where it cannot be reproduced', async () => {
    const unclear = { reproduced: false, question: 'Which currency?' };
    const { state, visits } = await drive('bugfix.yaml', context, {
      reproduce: unclear,
      ask_reporter: { answers: 'All of them' },
    });
    expect(visits.slice(-2)).toEqual(['ask_reporter#3', 'not_reproducible#1']);
    expect(state.result).toMatchObject({ outcome: 'not_reproducible' });
    const silent = await drive('bugfix.yaml', context, { reproduce: unclear, ask_reporter: () => 'wait' });
    expect(silent.visits.slice(-2)).toEqual(['ask_reporter#1', 'not_reproducible#1']);
  });

  it('asks a person once four fixes did not hold', async () => {
    const { state, visits } = await drive('bugfix.yaml', context, {
      ...table,
      second_look: { passed: false, observed: 'still there' },
      escalate: { decision: 'reject' },
    });
    expect(visits.filter((visit) => visit.startsWith('fix#'))).toHaveLength(4);
    expect(visits.at(-1)).toBe('escalate#1');
    expect(state.status).toBe('cancelled');
  });

  it('releases by itself from automation level 80 on', async () => {
    const { state, answered } = await drive('bugfix.yaml', context, table, { automationLevel: 80 });
    expect(state.status).toBe('completed');
    expect(answered).not.toContain('release_gate#1/release_gate');
  });
});

describe('spike', () => {
  const context = { question: 'Which search engine?', timebox_sec: 3600, remarks: '' };
  const explored = (task: Task): Answer => ({
    data: { option: String(task.item), findings: 'fast', measured: { p50_ms: 3 } },
  });
  const table: Table = {
    frame: { criteria: ['speed'], options: ['a', 'b', 'leave it'] },
    explore: explored,
    compare: { recommendation: 'a', reasons: 'fastest' },
    decide: { decision: 'adopt' },
    record: { record: 'docs/adr/0001.md' },
  };

  it('compares once every option is explored, without waiting for the box to end', async () => {
    const { state, visits } = await drive('spike.yaml', context, table);
    expect(visits).toEqual(['frame#1', 'research#1', 'compare#1', 'decide#1', 'record#1']);
    expect(state).toMatchObject({ status: 'completed', variables: { in_time: true } });
    expect(state.variables['findings']).toHaveLength(3);
    expect((state.closed_at ?? 0) - state.created_at).toBeLessThan(3_600_000);
  });

  it('compares what there is when the time is up', async () => {
    const { state } = await drive('spike.yaml', context, {
      ...table,
      explore: (task) => (task.index === 1 ? 'wait' : explored(task)),
    });
    expect(state).toMatchObject({ status: 'completed', variables: { in_time: false } });
    expect(state.variables['findings']).toHaveLength(2);
    expect((state.closed_at ?? 0) - state.created_at).toBeGreaterThanOrEqual(3_600_000);
  });

  it('opens one more box for each "extend", twice at most', async () => {
    const { visits } = await drive('spike.yaml', context, {
      ...table,
      decide: byVisit(
        { decision: 'extend', remarks: 'And the cost?' },
        { decision: 'extend' },
        { decision: 'extend' },
        { decision: 'drop' },
      ),
    });
    expect(visits.filter((visit) => visit.startsWith('research#'))).toHaveLength(3);
    expect(visits.slice(-3)).toEqual(['compare#4', 'decide#4', 'record#1']);
  });
});
