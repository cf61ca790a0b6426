import { describe, expect, it } from 'vitest';
import { evaluateExpression, ExpressionBudget } from '../../src/expression/index.js';
import { definitionDigest, parseDefinition } from '../../src/definition/index.js';
import type { Definition, PhaseDefinition, TaskDefinition } from '../../src/definition/index.js';

const HEAD = 'name: t\nversion: "1"\nphases:\n';

function read(text: string): Definition {
  const { definition, diagnostics } = parseDefinition(text);
  if (!definition) throw new Error(JSON.stringify(diagnostics));
  return definition;
}

function phaseOf(text: string): PhaseDefinition {
  const [phase] = read(HEAD + text).phases;
  if (!phase) throw new Error('no phase');
  return phase;
}

function taskOf(text: string): TaskDefinition {
  const [task] = phaseOf(text).tasks;
  if (!task) throw new Error('no task');
  return task;
}

const PLAIN_TASK = { after: [], max_parallel: 20, join: 'all', on_failure: [], cancels: [] };

describe('a normalised definition', () => {
  it('has the defaults of a document, and no others', () => {
    expect(read(`${HEAD}  - name: a\n`)).toEqual({
      name: 't',
      version: '1',
      max_recursion_depth: 5,
      on_quota_exceeded: 'fail',
      on_failure: [],
      phases: [
        {
          name: 'a',
          execution_strategy: 'sequential',
          tasks: [{ ...PLAIN_TASK, name: 'a', kind: 'agent', text: 'a', automation: 0 }],
          single: true,
          join: 'all',
          next: [],
          on_failure: [],
        },
      ],
    });
  });

  it.each([
    ['{ name: a, task: x }', { kind: 'agent', text: 'x', automation: 0 }],
    [
      '{ name: a, approval: x }',
      { kind: 'approval', text: 'x', decisions: ['approve', 'reject'], auto: 'approve', automation: 100 },
    ],
    [
      '{ name: a, approval: x, decisions: [b, c], auto: c, automation: 7 }',
      { kind: 'approval', text: 'x', decisions: ['b', 'c'], auto: 'c', automation: 7 },
    ],
    [
      '{ name: a, executor: { activity: x } }',
      { kind: 'executor', executor: { type: 'activity', activity: 'x' }, automation: 50, timeout_sec: 3600 },
    ],
    [
      '{ name: a, executor: { http: { url: "http://x" } }, timeout_sec: 5 }',
      {
        kind: 'executor',
        executor: { type: 'http', url: 'http://x', method: 'GET' },
        automation: 50,
        timeout_sec: 5,
      },
    ],
    [
      '{ name: a, executor: { http: { url: "http://x", body: { a: 1 } } } }',
      {
        kind: 'executor',
        executor: { type: 'http', url: 'http://x', method: 'POST', body: { a: 1 } },
        automation: 50,
        timeout_sec: 3600,
      },
    ],
    [
      '{ name: a, executor: { command: [x, y], cwd: z } }',
      {
        kind: 'executor',
        executor: { type: 'command', command: ['x', 'y'], cwd: 'z' },
        automation: 50,
        timeout_sec: 3600,
      },
    ],
    [
      '{ name: a, executor: { llm: { prompt: x } } }',
      {
        kind: 'executor',
        executor: { type: 'llm', llm: { prompt: 'x' } },
        automation: 50,
        timeout_sec: 3600,
      },
    ],
    [
      '{ name: a, subworkflow: b@1, inherit: [x] }',
      { kind: 'subworkflow', subworkflow: 'b@1', inherit: ['x'], automation: 0 },
    ],
    [
      '{ name: a, wait: { for_sec: 3 } }',
      { kind: 'wait', wait: { type: 'for_sec', for_sec: 3 }, automation: 0 },
    ],
    [
      "{ name: a, wait: { until: '${variables.t}' } }",
      { kind: 'wait', wait: { type: 'until', until: 'variables.t' }, automation: 0 },
    ],
    [
      '{ name: a, wait: { when: true } }',
      { kind: 'wait', wait: { type: 'when', when: 'true' }, automation: 0 },
    ],
  ])('spells out the kind of %s', (text, expected) => {
    expect(taskOf(`  - ${text}\n`)).toEqual({ ...PLAIN_TASK, name: 'a', ...expected });
  });

  it('gives tasks without a name their number', () => {
    const { tasks, single } = phaseOf(
      '  - { name: a, tasks: [{ task: x }, { name: b, task: y }, { task: z }] }\n',
    );
    expect(tasks.map(({ name }) => name)).toEqual(['task_1', 'b', 'task_3']);
    expect(single).toBe(false);
  });

  it('keeps the keys that a phase and its task share on the phase', () => {
    const phase = phaseOf(
      '  - { name: a, task: x, condition: variables.x, outputs: { o: "1" }, on_failure: fail, join: any, require: 1 }\n',
    );
    expect(phase).toMatchObject({
      condition: 'variables.x',
      outputs: { o: '1' },
      on_failure: [{ goto: 'fail' }],
      join: 1,
      require: 1,
    });
    expect(phase.tasks[0]).toEqual({ ...PLAIN_TASK, name: 'a', kind: 'agent', text: 'x', automation: 0 });
  });

  it('takes the ${…} from expressions, at any depth, and leaves templates as they are', () => {
    const phase = phaseOf(`  - name: a
    task: Do \${variables.x}
    condition: " \${ variables.x == '}' } "
    outputs: { a: "\${variables.a}", b: [variables.b, 3, { c: "\${variables.c}" }] }
    next: [{ when: "\${variables.d}", goto: fail, reason: "\${variables.e}", error: E }, { goto: end }]
    on_failure: [{ errors: [X], goto: cancel, outputs: { f: "\${error.type}" }, reason: no }]
`);
    expect(phase.condition).toBe("variables.x == '}'");
    expect(phase.outputs).toEqual({ a: 'variables.a', b: ['variables.b', 3, { c: 'variables.c' }] });
    expect(phase.next).toEqual([
      { when: 'variables.d', goto: 'fail', reason: '${variables.e}', error: 'E' },
      { goto: 'end' },
    ]);
    expect(phase.on_failure).toEqual([
      { errors: ['X'], goto: 'cancel', outputs: { f: 'error.type' }, reason: 'no' },
    ]);
    expect(phase.tasks[0]?.text).toBe('Do ${variables.x}');
  });

  it('writes literals as the source that gives them', () => {
    expect(phaseOf('  - { name: a, condition: false }\n').condition).toBe('false');
    const foreachOf = (value: string) => taskOf(`  - { name: a, task: x, foreach: ${value} }\n`).foreach;
    expect(foreachOf('[1, 2.5, "${variables.x}", { k: null }]')).toBe('[1, 2.5, (variables.x), {"k": null}]');
    expect(foreachOf('variables.x')).toBe('variables.x');
    expect(foreachOf("'[1, 2]'")).toBe('[1, 2]');
  });

  it('takes the strings of a list in foreach as templates', () => {
    const source = taskOf(
      `  - { name: a, task: x, foreach: [dev, "", 'it is "x"', "\${variables.x}", "p-\${variables.x}-\${1 + 1}", { k: "$\${x}" }] }\n`,
    ).foreach;
    const value = evaluateExpression(
      source ?? '',
      { variables: () => ({ x: true }) },
      new ExpressionBudget(),
    );
    expect(value).toEqual(['dev', '', 'it is "x"', true, 'p-true-2', { k: '${x}' }]);
  });

  it('gives the join of a phase to its one foreach', () => {
    const single = phaseOf('  - { name: a, task: x, foreach: variables.l, join: any, require: 2 }\n');
    expect([single.join, single.require, single.tasks[0]?.join, single.tasks[0]?.require]).toEqual([
      'all',
      undefined,
      1,
      2,
    ]);
    const listed = phaseOf('  - { name: a, tasks: [{ task: x, foreach: variables.l }], join: 3 }\n');
    expect([listed.join, listed.tasks[0]?.join]).toEqual(['all', 3]);
    const own = phaseOf(
      '  - { name: a, tasks: [{ task: x, foreach: variables.l, join: 3, require: all }] }\n',
    );
    expect([own.join, own.tasks[0]?.join, own.tasks[0]?.require]).toEqual(['all', 3, 'all']);
  });

  it('leaves the join of a concurrent phase to it: its one foreach goes on until all has closed', () => {
    const joinsOf = (join: string) => {
      const phase = phaseOf(
        `  - { name: a, execution_strategy: concurrent, task: x, foreach: variables.l, require: 2${join} }\n`,
      );
      const [task] = phase.tasks;
      return [phase.join, phase.require, task?.join, task?.require];
    };
    expect(joinsOf('')).toEqual([0, undefined, 'all', 2]);
    expect(joinsOf(', join: any')).toEqual([1, undefined, 'all', 2]);
    expect(joinsOf(', join: all')).toEqual(['all', undefined, 'all', 2]);
    expect(joinsOf(', join: "${variables.n}"')).toEqual(['${variables.n}', undefined, 'all', 2]);
  });

  it('lets a concurrent phase end at once, unless it says otherwise', () => {
    const join = (more: string) =>
      phaseOf(`  - { name: a, execution_strategy: concurrent, tasks: [{ task: x }, { task: y }]${more} }\n`)
        .join;
    expect([join(''), join(', join: 0'), join(', join: any'), join(', join: all')]).toEqual([0, 0, 1, 'all']);
    const each = phaseOf('  - { name: a, execution_strategy: concurrent, task: x, foreach: variables.l }\n');
    expect([each.join, each.tasks[0]?.join]).toEqual([0, 'all']);
  });

  it('spells out targets, retries and defaults of limits', () => {
    const phase = phaseOf(`  - name: a
    task: x
    cancels: [a, a/a]
    retry: { max_attempts: 3 }
    max_visits: 2
    on_max_visits: fail
    next: end
`);
    expect(phase.next).toEqual([{ goto: 'end' }]);
    expect(phase.max_visits).toBe(2);
    expect(phase.on_max_visits).toBeUndefined();
    expect(phase.tasks[0]?.cancels).toEqual([{ phase: 'a' }, { phase: 'a', task: 'a' }]);
    expect(phase.tasks[0]?.retry).toEqual({ max_attempts: 3, initial_interval_sec: 1, backoff: 2 });
  });

  it('has a digest that depends on what it says, not on how it is written', () => {
    const yaml = read(`${HEAD}  - { task: x, name: a } # a comment\n`);
    const json = read('{"phases":[{"name":"a","task":"x"}],"version":"1","name":"t"}');
    expect(definitionDigest(yaml)).toMatch(/^[0-9a-f]{64}$/);
    expect(definitionDigest(yaml)).toBe(definitionDigest(json));
    expect(definitionDigest(yaml)).not.toBe(definitionDigest(read(`${HEAD}  - { task: y, name: a }\n`)));
  });
});
