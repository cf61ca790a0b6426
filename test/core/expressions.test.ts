import { describe, expect, test } from 'vitest';
import { CoreDriver } from '../support/core-driver.js';

describe('an expression that gives the wrong thing fails its phase, and says where', () => {
  test.each([
    [
      'a condition',
      'condition: variables.number\n    task: A',
      'a.condition',
      'a number, where true or false',
    ],
    [
      'a condition of null',
      'condition: variables.nothing\n    task: A',
      'a.condition',
      'null, where true or false',
    ],
    ['a foreach', 'foreach: variables.map\n    task: A', 'a.a.foreach', 'a map, where a list'],
    [
      'a timeout',
      'timeout_sec: "${\'soon\'}"\n    task: A',
      'a.a.timeout_sec',
      'the text "soon", where a number of seconds from 0',
    ],
    ['a wait', 'wait: { for_sec: "${[1]}" }', 'a.a.wait.for_sec', 'a list, where a number of seconds'],
    [
      'a negative wait',
      'wait: { for_sec: "${-1}" }',
      'a.a.wait.for_sec',
      'gives -1, where a number of seconds',
    ],
    ['an until', 'wait: { until: variables.yes }', 'a.a.wait.until', 'gives no time'],
    ['a when', 'wait: { when: "variables" }', 'a.a.wait.when', 'a map, where true or false'],
    ['a text', 'task: "Do ${variables.missing}"', 'a.a.task', 'missing'],
    ['a context', 'task: A\n    context: { x: "${variables.missing}" }', 'a.a.context', 'missing'],
    ['an executor', 'executor: { activity: go, input: "${1 / 0}" }', 'a.a.executor', ''],
    ['outputs', 'tasks: []\n    outputs: { x: variables.missing }', 'a.outputs', 'missing'],
    [
      'a reason',
      'tasks: []\n    next: [{ goto: fail, reason: "${variables.missing}" }]',
      'a.next.reason',
      'missing',
    ],
  ])('%s', (_what, keys, place, reason) => {
    const context = { number: 2, nothing: null, map: { x: 1 }, yes: true };
    const driver = new CoreDriver(`phases:\n  - name: a\n    ${keys}\n`, { context });
    expect(driver.state).toMatchObject({
      status: 'failed',
      failure: { type: 'ExpressionError', phase: 'a' },
    });
    expect(driver.state.failure?.message).toContain(`failed in ${place}:`);
    expect(driver.state.failure?.message).toContain(reason);
    expect(driver.state.failure?.message).toContain('[expression=');
    expect(driver.visits.length).toBeLessThanOrEqual(1);
  });

  test('the result of the whole, after the last phase', () => {
    const driver = new CoreDriver('result: { x: variables.missing }\nphases: [{ name: a, task: A }]');
    driver.trigger();
    expect(driver.state.failure?.message).toContain('failed in result:');
    driver.retry();
    expect(driver.state).toMatchObject({ status: 'failed', failure: { type: 'ExpressionError' } });
    expect(driver.visits).toEqual(['a#1 completed']);
  });

  test('the outputs of a failure rule fail the instance with their own error', () => {
    const driver = new CoreDriver(
      'phases: [{ name: a, task: A, on_failure: [{ goto: b, outputs: { x: error.details.none } }], next: end }, { name: b, task: B }]',
    );
    driver.trigger({}, { outcome: 'failed' });
    expect(driver.state.failure).toMatchObject({ type: 'ExpressionError', phase: 'a' });
  });
});

describe('what expressions see', () => {
  test('the instance, its phases and tasks, and what it has used', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: work
    tasks: [{ name: t, task: T, outputs: { r: result.n } }]
  - name: look
    tasks: []
    outputs:
      me: "[instance.id, instance.feature_id, instance.root_id, instance.current_phase]"
      depth: instance.depth
      level: instance.automation_level
      parent: instance.parent_id == null
      phase: "[phases.work.status, phases.later.status, string(phases.work.visits)]"
      task: phases.work.tasks.t.status
      output: phases.work.output
      used: usage.tokens
      elapsed: usage.elapsed_sec
      actor: meta.actor
      messages: messages
  - { name: later, task: Later }
`,
    );
    driver.advance(3000);
    driver.trigger({ n: 4 }, { usage: { tokens: 7 }, meta: { actor: 'ann' } });
    expect(driver.state.variables).toEqual({
      r: 4,
      me: ['wfi_000000000001', 'feature-1', 'wfi_000000000001', 'look'],
      depth: 0,
      level: 60,
      parent: true,
      phase: ['completed', 'pending', '1'],
      task: 'completed',
      output: { n: 4 },
      used: 7,
      elapsed: 3,
      actor: 'ann',
      messages: [],
    });
  });

  test('`trigger` is what closed the last task of this visit: the trigger that failed it, too', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: gates
    execution_strategy: parallel
    tasks:
      - { name: a, approval: A?, on_failure: continue }
      - { name: b, executor: { activity: b }, on_failure: continue }
    outputs: { last: trigger }
  - { name: again, condition: 'variables.last.decision == "reject"', task: Again }
`,
    );
    driver.fail('gates#1/b');
    driver.trigger({ decision: 'reject', why: 'no' }, { task: 'gates#1/a', trigger_id: 't1' });
    expect(driver.state.variables).toEqual({ last: { decision: 'reject', why: 'no' } });
    expect(driver.state.current?.phase).toBe('again');
    expect(driver.state.visits[0]).toMatchObject({ trigger_id: 't1' });
  });

  test('`trigger` is {} where an executor failed last', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: a, task: A }
      - { name: b, executor: { activity: b }, on_failure: continue }
    outputs: { last: trigger }
`,
    );
    driver.trigger({ n: 1 });
    driver.fail('both#1/b');
    expect(driver.state.variables).toEqual({ last: {} });
  });

  test('the elements of a foreach by their index', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: each
    tasks:
      - { name: e, executor: { activity: go }, foreach: "[1, 2, 3]", on_failure: continue, max_parallel: 2 }
      - { name: see, task: "\${tasks.e.map(t, t.status)} \${tasks.e[1].error.details.code}" }
`,
    );
    driver.complete('each#1/e[0]', { n: 1 });
    driver.fail('each#1/e[1]', { details: { code: 7 } });
    driver.complete('each#1/e[2]', { n: 3 });
    expect(driver.state.tasks['each#1/see']?.text).toBe('["completed","failed","completed"] 7');
  });

  test('secrets are named for the activity, and never resolved here', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: call
    executor:
      http: { url: "https://x.example/\${variables.id}", headers: { authorization: "Bearer \${secret:TOKEN}" }, body: { a: "\${variables.id}" } }
`,
      { context: { id: 5 } },
    );
    const input = driver.schedules.get('call#1/call/1')?.input;
    expect(input).toMatchObject({
      url: 'https://x.example/5',
      method: 'POST',
      body: { a: 5 },
      secrets: ['TOKEN'],
    });
  });
});
