/** Definitions that were normalised before the join of a concurrent phase stayed on it: they mean what they meant. */
import { expect, test } from 'vitest';
import type { Definition, JoinTemplate } from '../../src/definition/definition.js';
import { CoreDriver } from '../support/core-driver.js';
import { readDefinition } from '../support/read-definition.js';

function carried(join: JoinTemplate): Definition {
  const definition = readDefinition(`phases:
  - { name: each, execution_strategy: concurrent, task: Each, foreach: [1, 2, 3] }
  - { name: work, task: Work }
`);
  const phases = definition.phases.map((phase) =>
    phase.name === 'each'
      ? { ...phase, join: 'all' as const, tasks: phase.tasks.map((task) => ({ ...task, join })) }
      : phase,
  );
  return { ...definition, phases };
}

test.each([2, 3])('a number on the foreach cancels the rest, in version %i', (engine_version) => {
  for (const join of [2, '${variables.n}']) {
    const driver = new CoreDriver(carried(join), { engine_version, context: { n: 2 } });
    driver.trigger({}, { task: 'each#1/each[0]' });
    expect(driver.state.current?.phase).toBe('each');
    driver.trigger({}, { task: 'each#1/each[2]' });
    expect(driver.open).toEqual(['work#1/work']);
  }
});

test.each([2, 3])('a number that is 0 leaves at once, in version %i', (engine_version) => {
  const driver = new CoreDriver(carried('${variables.n}'), { engine_version, context: { n: 0 } });
  expect(driver.open).toEqual(['each#1/each[0]', 'each#1/each[1]', 'each#1/each[2]', 'work#1/work']);
});
