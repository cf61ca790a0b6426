import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJsonObject } from '../../src/surfaces/cli/read-argument.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { fakeIo } from './fake-io.js';

const TEXT = '\uFEFF{"a": 1}';

test('a byte order mark before JSON is passed over, wherever the JSON comes from', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'a.json'), TEXT);
  const io = fakeIo({ cwd, stdin: TEXT });
  for (const value of [TEXT, '@a.json', '-']) {
    expect(await readJsonObject(io, '--data', value)).toEqual({ a: 1 });
  }
});
