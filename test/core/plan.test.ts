import { describe, expect, test } from 'vitest';
import { createInstance, type InstanceFacts } from '../../src/core/create-instance.js';
import { planStart } from '../../src/core/plan.js';
import { START_AT } from '../support/core-driver.js';
import { readDefinition } from '../support/read-definition.js';

function plan(flow: string, facts: Partial<InstanceFacts> = {}) {
  return planStart(
    createInstance({
      instance_id: 'wfi_000000000001',
      tenant_id: 'default',
      feature_id: 'feature-1',
      definition: readDefinition(flow),
      definition_digest: 'd'.repeat(64),
      context: {},
      automation_level: 60,
      max_recursion_depth: 5,
      resource_quota: {},
      at: START_AT,
      ...facts,
    }),
  );
}

/** `name: will`, in order. */
const courses = (flow: string, facts?: Partial<InstanceFacts>): string[] =>
  plan(flow, facts).phases.map(({ name, will }) => `${name}: ${will}`);

describe('the plan of a start', () => {
  test('names who would be waited for, task by task', () => {
    const { phases, waiting_for } = plan(`
phases:
  - name: all
    execution_strategy: parallel
    tasks:
      - { name: agent, task: Do }
      - { name: gate, approval: Fine? }
      - { name: auto, approval: Fine?, automation: 60 }
      - { name: runs, executor: { activity: go } }
      - { name: asks, executor: { activity: go }, automation: 61 }
      - { name: nap, wait: { for_sec: 1 } }
`);
    expect(phases[0]?.tasks).toEqual([
      { name: 'agent', kind: 'agent', waiting_for: 'agent' },
      { name: 'gate', kind: 'approval', waiting_for: 'approval' },
      { name: 'auto', kind: 'approval', waiting_for: null },
      { name: 'runs', kind: 'executor', waiting_for: 'executor' },
      { name: 'asks', kind: 'executor', waiting_for: 'approval' },
      { name: 'nap', kind: 'wait', waiting_for: 'timer' },
    ]);
    expect(waiting_for).toBe('agent');
  });

  test('takes a threshold by the variables there are, and one that they do not give for one that someone decides', () => {
    const automation = (source: string): string => `automation: "\${${source}}"`;
    const flow = `
phases:
  - { name: first, task: First }
  - { name: runs, executor: { activity: go }, ${automation('variables.low')} }
  - { name: asks, executor: { activity: go }, ${automation('variables.low + 1')} }
  - { name: later, executor: { activity: go }, ${automation('phases.first.output.level')} }
  - { name: each, executor: { activity: go }, foreach: variables.list, ${automation('item.level')} }
  - { name: gate, approval: Fine?, ${automation('variables.low')} }
`;
    const { phases } = plan(flow, { context: { low: 60, list: [] } });
    expect(phases.map(({ tasks }) => tasks[0]?.waiting_for)).toEqual([
      'agent',
      'executor',
      'approval',
      'approval',
      'approval',
      null,
    ]);
  });

  test('carries the effective limits', () => {
    const facts = { automation_level: 90, max_recursion_depth: 2, resource_quota: { max_tokens: 5 } };
    expect(plan('phases: [{ name: a, task: A }]', facts)).toMatchObject(facts);
  });

  test('knows the phases that the start itself passes', () => {
    const flow = `
phases:
  - { name: quick, tasks: [], outputs: { ready: "true" } }
  - { name: skipped, condition: "!variables.ready", task: Never }
  - { name: work, condition: variables.ready, task: Work }
  - { name: last, task: Last }
`;
    expect(courses(flow)).toEqual(['quick: run', 'skipped: skip', 'work: run', 'last: run']);
  });

  test('knows a later condition on variables that nothing before it can change', () => {
    const flow = `
phases:
  - { name: work, task: Work, outputs: { diff: trigger.diff } }
  - { name: deploy, condition: variables.deploy, task: Deploy }
  - { name: check, condition: size(variables.diff) > 0, task: Check }
  - { name: level, condition: instance.automation_level > 90, task: Level }
`;
    expect(courses(flow, { context: { deploy: false } })).toEqual([
      'work: run',
      'deploy: skip',
      'check: unknown',
      'level: skip',
    ]);
    expect(courses(flow, { context: { deploy: true }, automation_level: 95 })).toEqual([
      'work: run',
      'deploy: run',
      'check: unknown',
      'level: run',
    ]);
  });

  test('does not know a condition that data of a trigger may change', () => {
    const flow = `
phases:
  - { name: work, task: Work }
  - { name: deploy, condition: variables.deploy, task: Deploy }
`;
    expect(courses(flow, { context: { deploy: true } })).toEqual(['work: run', 'deploy: unknown']);
  });

  test('does not know a phase that `next` may pass by, and one that only failures lead to', () => {
    const flow = `
finally: clean
phases:
  - { name: a, executor: { activity: go }, on_failure: mend, next: [{ when: "usage.tokens > 5", goto: d }] }
  - { name: b, task: B }
  - { name: d, task: D, next: end }
  - { name: mend, task: Mend }
  - { name: clean, task: Clean }
`;
    expect(courses(flow)).toEqual(['a: run', 'b: unknown', 'd: run', 'mend: unknown', 'clean: run']);
  });

  test('does not know a condition that fails, and knows one on all variables where none changes', () => {
    const flow = `
phases:
  - { name: work, executor: { activity: go } }
  - { name: all, condition: size(variables) == 0, task: All }
  - { name: odd, condition: variables.missing, task: Odd }
  - { name: now, condition: phases.work.visits == 1, task: Now }
`;
    expect(courses(flow)).toEqual(['work: run', 'all: run', 'odd: unknown', 'now: unknown']);
  });

  test('what is written beside the phases may change a condition', () => {
    const flow = `
phases:
  - name: beside
    execution_strategy: concurrent
    tasks: [{ name: t, executor: { activity: go }, outputs: { flag: result.flag } }]
  - { name: work, executor: { activity: go } }
  - { name: maybe, condition: variables.flag, task: Maybe }
`;
    expect(courses(flow, { context: { flag: true } })).toEqual([
      'beside: run',
      'work: run',
      'maybe: unknown',
    ]);
  });

  test('an instance that would be over at once passes the rest by', () => {
    const flow = `
phases:
  - { name: gate, approval: Fine?, automation: 10, next: [{ when: variables.stop, goto: end }] }
  - { name: rest, task: Rest }
`;
    expect(courses(flow, { context: { stop: true } })).toEqual(['gate: run', 'rest: skip']);
    expect(plan(flow, { context: { stop: true } }).waiting_for).toBeNull();
  });
});
