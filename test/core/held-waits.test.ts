import { expect, test } from 'vitest';
import { CoreDriver } from '../support/core-driver.js';

const FLOW = `
name: waits
version: "1"
phases:
  - name: each
    foreach: variables.list
    max_parallel: 400
    wait: { when: "variables.short.all(x, x >= 0) && variables.?go.orValue(false) && index >= 200" }
    join: 200
  - { name: done, task: Done }
`;

test('waits that do not hold are not looked at again for each one that does', () => {
  // One event has a budget: looking at 200 waits for each of 200 others would go far beyond it.
  const list = Array.from({ length: 400 }, (_, index) => index % 10);
  const driver = new CoreDriver(FLOW, { context: { list, short: list.slice(0, 20) }, checks: false });
  driver.state = { ...driver.state, variables: { ...driver.state.variables, go: true } };
  driver.level(50);
  expect(driver.state.failure).toBeNull();
  expect(driver.state.current?.phase).toBe('done');
});
