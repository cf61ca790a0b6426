import { describe, expect, test } from 'vitest';
import { viewTasks, viewWorkflowState } from '../../src/core/views.js';
import { transition } from '../../src/core/transition.js';
import type { TaskDefinition } from '../../src/definition/definition.js';
import { CoreDriver } from '../support/core-driver.js';
import { readDefinition } from '../support/read-definition.js';

const PLAN = `
phases:
  - name: plan
    execution_strategy: parallel
    tasks:
      - { name: one, task: One, meta: { model: strong } }
      - { name: each, task: Each, foreach: "[1, 2]" }
  - { name: build, task: Build }
`;

/** `meta.guidance` of the tasks that are open, by id. */
function guidanceOf({ state }: CoreDriver): Record<string, unknown> {
  const open = viewTasks(state).filter((task) => task.status === 'open');
  return Object.fromEntries(open.map((task) => [task.task_id, task.meta?.['guidance']]));
}

describe('guidance of a rewind', () => {
  test('reaches every task of the visit that it opens, elements too, and no later phase', () => {
    const driver = new CoreDriver(PLAN);
    for (const task of driver.open) driver.trigger({}, { task });
    driver.rewind({ phase: 'plan', guidance: 'Be brief' });
    expect(guidanceOf(driver)).toEqual({
      'plan#2/one': 'Be brief',
      'plan#2/each[0]': 'Be brief',
      'plan#2/each[1]': 'Be brief',
    });
    expect(viewTasks(driver.state).find((task) => task.task_id === 'plan#2/one')?.meta).toEqual({
      model: 'strong',
      guidance: 'Be brief',
    });
    for (const task of driver.open) driver.trigger({}, { task });
    expect(guidanceOf(driver)).toEqual({ 'build#1/build': undefined });
    driver.rewind({ phase: 'plan' });
    expect(Object.values(guidanceOf(driver))).toEqual([undefined, undefined, undefined]);
  });
});

describe('an automatic decision', () => {
  test('is the first of the decisions also where a definition was normalised without one', () => {
    const definition = readDefinition(`
phases:
  - { name: gate, approval: Ship?, automation: 60, decisions: [ship, hold], outputs: { decision: trigger.decision } }
`);
    const withoutAuto = ({ auto: _auto, ...task }: TaskDefinition): TaskDefinition => task;
    const phases = definition.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map(withoutAuto) }));
    const driver = new CoreDriver({ ...definition, phases });
    expect(driver.state).toMatchObject({ status: 'completed', variables: { decision: 'ship' } });
  });
});

describe('the result of an instance', () => {
  const RESULT = `
result: { n: variables.n }
phases: [{ name: work, task: Work }]
`;

  test.each(['failed', 'cancelled'])('is null where it ends as %s', (outcome) => {
    const driver = new CoreDriver(RESULT, { context: { n: 1 } });
    if (outcome === 'cancelled') driver.cancel();
    else driver.send({ type: 'trigger_received', via: 'update', input: { outcome: 'failed' } });
    expect(driver.state).toMatchObject({ status: outcome, result: null });
    expect(viewWorkflowState(driver.state, driver.at)).not.toHaveProperty('result');
  });

  test('is null again where the instance fails after it was worked out', () => {
    const driver = new CoreDriver(
      `
result: { n: variables.n }
finally: tidy
phases:
  - { name: work, task: Work }
  - { name: tidy, task: Tidy }
`,
      { context: { n: 1 } },
    );
    driver.trigger({});
    expect(driver.state).toMatchObject({ current: { phase: 'tidy' }, result: { n: 1 } });
    // No rule foresees that a definition loses the phase that an instance stands in.
    const phases = driver.state.definition.phases.filter(({ name }) => name !== 'tidy');
    const state = { ...driver.state, definition: { ...driver.state.definition, phases } };
    const input = { trigger_data: {} };
    const outcome = transition(state, { type: 'trigger_received', at: driver.at, via: 'update', input });
    expect(outcome.state).toMatchObject({ status: 'failed', result: null });
  });
});
