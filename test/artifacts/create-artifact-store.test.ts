import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createArtifactStore, type ArtifactStoreConfig } from '../../src/artifacts/index.js';
import { temporaryFolder } from './temporary-folder.js';

it('opens the store that the configuration names', async () => {
  const root = await temporaryFolder();
  await createArtifactStore({ type: 'file', root }).put('a', Buffer.from('x'));
  expect(await readFile(join(root, 'a'), 'utf8')).toBe('x');
  await createArtifactStore({ type: 'memory' }).put('a', Buffer.from('x'));
});

it.each([{ type: 's4' }, { type: 'toString' }, { type: 'file', root: '' }])(
  'refuses %j, naming the line of the configuration',
  (config) => {
    expect(() => createArtifactStore(config as ArtifactStoreConfig)).toThrow(/artifact_store\.(type|root)/);
  },
);
