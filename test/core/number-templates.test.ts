/** One `${…}` where a number is due: what it may give, and what the state keeps of it. */
import { describe, expect, test } from 'vitest';
import { CoreDriver } from '../support/core-driver.js';

describe('a number of the wrong kind fails its phase, and says what is due', () => {
  test.each([
    ['max_visits: ${0}\n    task: A', 'a.max_visits', 'gives 0, where a whole number from 1 is due'],
    ['join: ${-1}\n    task: A', 'a.join', 'gives -1, where all, any or a whole number from 0 is due'],
    [
      'require: ${"any"}\n    task: A',
      'a.require',
      'gives the text "any", where all or a whole number from 1',
    ],
    ['require: ${null}\n    task: A', 'a.require', 'gives null, where all or'],
    [
      'foreach: [1]\n    join: ${true}\n    task: A',
      'a.a.join',
      'gives true, where all, any or a whole number',
    ],
    [
      'foreach: [1]\n    require: ${0}\n    task: A',
      'a.a.require',
      'gives 0, where all or a whole number from 1',
    ],
    [
      'foreach: [1]\n    max_parallel: ${[1]}\n    task: A',
      'a.a.max_parallel',
      'gives a list, where a whole number',
    ],
    [
      'approval: A?\n    automation: ${100.5}',
      'a.a.automation',
      'gives 100.5, where a whole number from 0 to 100',
    ],
    ['executor: { activity: x }\n    automation: ${variables.none}', 'a.a.automation', 'none'],
    [
      'executor: { activity: x }\n    heartbeat_sec: ${0}',
      'a.a.heartbeat_sec',
      'a number of seconds above 0 to',
    ],
    [
      'executor: { activity: x }\n    heartbeat_sec: ${"1"}',
      'a.a.heartbeat_sec',
      'gives the text "1", where',
    ],
  ])('%s', (keys, place, reason) => {
    const driver = new CoreDriver(`phases:\n  - name: a\n    ${keys}\n`);
    const { failure } = driver.state;
    expect(failure).toMatchObject({ type: 'ExpressionError', phase: 'a' });
    expect(failure?.message).toContain(`failed in ${place}: `);
    expect(failure?.message).toContain(reason);
    expect(failure?.message).toContain('[expression=');
    expect(driver.log).toEqual([]);
  });

  test.each([
    ['max_attempts', '${1001}', 'gives 1001, where a whole number from 1 to 1000'],
    ['initial_interval_sec', '${0}', 'gives 0, where a number of seconds above 0'],
    ['max_interval_sec', '${1e12}', 'gives 1000000000000, where a number of seconds'],
    ['backoff', '${0.5}', 'gives 0.5, where a number from 1 to 100'],
  ])('retry.%s once an attempt has failed', (field, template, reason) => {
    const retry = { max_attempts: 3, [field]: template };
    const driver = new CoreDriver(
      `phases: [{ name: a, executor: { activity: x }, retry: ${JSON.stringify(retry)} }]`,
    );
    driver.fail('a#1/a');
    expect(driver.state.failure?.type).toBe('ExpressionError');
    expect(driver.state.failure?.message).toContain(`failed in a.a.retry.${field}: ${reason}`);
  });

  test('it follows `on_failure`, like any expression', () => {
    const driver = new CoreDriver(`
phases:
  - { name: a, approval: A?, automation: "\${variables.level}", on_failure: [{ errors: [ExpressionError], goto: b }] }
  - { name: b, task: "\${error.details.field}" }
`);
    expect(driver.state.tasks['b#1/b']?.text).toBe('automation');
  });
});

describe('what the state keeps', () => {
  const flow = (number: string, width: string): string => `
phases:
  - name: a
    execution_strategy: parallel
    join: ${number}
    require: ${number}
    tasks:
      - { name: x, task: X }
      - { name: y, foreach: [1, 2], max_parallel: ${width}, join: ${number}, require: ${number}, task: Y }
`;

  test('of numbers that are written out is nothing', () => {
    const { state } = new CoreDriver(flow('2', '2'));
    expect(state.current).not.toHaveProperty('join');
    expect(state.tasks['a#1/x']).not.toHaveProperty('require');
    expect(state.tasks['a#1/y']?.foreach).not.toHaveProperty('widths');
  });

  test('of templates is what they gave for this visit', () => {
    const template = '"${size(variables.list)}"';
    const { state } = new CoreDriver(flow(template, template), { context: { list: [1, 2] } });
    expect(state.current?.join).toBe(2);
    expect(state.tasks['a#1/x']?.require).toBe(2);
    expect(state.tasks['a#1/y']?.foreach?.widths).toEqual({ max_parallel: 2, join: 2, require: 2 });
  });

  test('goes back to the numbers of the next visit with a rewind', () => {
    const driver = new CoreDriver(flow('"${variables.n}"', '1'), { context: { n: 'all' } });
    driver.rewind({ phase: 'a', variables: { n: 1 } });
    expect(driver.state.current).toMatchObject({ visit: 2, join: 1 });
    expect(driver.state.tasks['a#2/y']?.foreach?.widths).toEqual({ max_parallel: 1, join: 1, require: 1 });
  });
});

test('the heartbeat of an attempt is evaluated with its input, and no part of what a rewind compares', () => {
  const driver = new CoreDriver(
    `
phases:
  - { name: each, executor: { activity: go, input: "\${item}" }, foreach: [1, 2], heartbeat_sec: "\${variables.beat * item}" }
  - { name: then, task: Then }
`,
    { context: { beat: 1.5 } },
  );
  expect([...driver.schedules.values()].map(({ heartbeat_sec }) => heartbeat_sec)).toEqual([1.5, 3]);
  driver.complete('each#1/each[0]');
  driver.complete('each#1/each[1]');
  driver.rewind({ phase: 'each', variables: { beat: 7 } });
  expect(driver.state.current?.phase).toBe('then');
});
