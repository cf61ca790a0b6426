import { expect, test } from 'vitest';
import { shareDefinition } from '../../src/core/share-definition.js';
import { digest } from '../../src/json/canonical-json.js';
import type { Json } from '../../src/json/json.js';
import { readDefinition } from '../support/read-definition.js';

const definition = (name: string): ReturnType<typeof readDefinition> =>
  readDefinition(`name: ${name}\nversion: "1"\nphases: [{ name: a, task: A }]`);

const share = (one: ReturnType<typeof definition>): ReturnType<typeof definition> =>
  shareDefinition(one, digest(one as unknown as Json));

test('equal definitions become one object, different ones do not', () => {
  const first = share(definition('one'));
  expect(share(definition('one'))).toBe(first);
  expect(share(definition('other'))).not.toBe(first);
  expect(share(definition('other')).name).toBe('other');
});

test('the oldest are let go, those in use are not', () => {
  const used = share(definition('used'));
  const idle = share(definition('idle'));
  for (let n = 0; n < 250; n += 1) {
    share(definition(`n${n}`));
    expect(share(definition('used'))).toBe(used);
  }
  expect(share(definition('idle'))).not.toBe(idle);
});
