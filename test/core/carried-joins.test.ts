/** Definitions that were normalised before the join of a concurrent phase stayed on it: they mean what they meant. */
import { expect, test } from 'vitest';
import type { Definition, Join } from '../../src/definition/definition.js';
import { CoreDriver } from '../support/core-driver.js';
import { readDefinition } from '../support/read-definition.js';

function carried(join: Join): Definition {
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
  const driver = new CoreDriver(carried(2), { engine_version });
  driver.trigger({}, { task: 'each#1/each[0]' });
  expect(driver.state.current?.phase).toBe('each');
  driver.trigger({}, { task: 'each#1/each[2]' });
  expect(driver.open).toEqual(['work#1/work']);
});
