/**
 * Each folder here is a case: `flow.yaml` runs under the events of `events.json`, and at the end `expected.json` is what
 * can be seen. Every step is checked against the invariants of `support/core-invariants.ts` as well.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CoreDriver, type DriverOptions } from '../support/core-driver.js';
import { compare, runStep, type Expected, type Step } from './run-step.js';

interface Events {
  /** The sentence of the specification that the case stands for. */
  readonly about: string;
  readonly start?: DriverOptions;
  readonly steps: readonly Step[];
}

const folder = new URL('./', import.meta.url);
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

function read(name: string, file: string): string {
  return readFileSync(new URL(`${name}/${file}`, folder), 'utf8');
}

describe('conformance', () => {
  test('there are at least forty cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
  });

  test.each(cases)('%s', (name) => {
    const events = JSON.parse(read(name, 'events.json')) as Events;
    const driver = new CoreDriver(read(name, 'flow.yaml'), events.start ?? {});
    for (const step of events.steps) runStep(driver, step);
    compare(driver, JSON.parse(read(name, 'expected.json')) as Expected);
  });
});
