import { expect, test } from 'vitest';
import { firstPhase } from '../../src/core/definition-index.js';
import { readDefinition } from '../support/read-definition.js';

test('an instance begins with the first phase that is not the one of `finally`', () => {
  const definition = readDefinition('finally: z\nphases: [{ name: z }, { name: a }, { name: b }]\n');
  expect(firstPhase(definition)?.name).toBe('a');
  expect(firstPhase({ ...definition, finally: 'b' })?.name).toBe('z');
});

test('where a definition that was never checked has no other phase, it begins with that one', () => {
  const definition = readDefinition('phases: [{ name: z }]\n');
  expect(firstPhase({ ...definition, finally: 'z' })?.name).toBe('z');
  expect(firstPhase({ ...definition, phases: [] })).toBeUndefined();
});
